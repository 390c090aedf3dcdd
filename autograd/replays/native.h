#ifndef NATIVE_H
#define NATIVE_H

/* What the files of the module `native` share: programs, rows, and the widths of vectors. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "operations.h"

/* Compilers know some functions and would compute them otherwise; these two have exact instructions. */
#if defined(__GNUC__)
#define fabs __builtin_fabs
#define sqrt __builtin_sqrt
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

#define WEIGHTED_SUM (-1)
#define LEFT 1
#define RIGHT 2

typedef struct {
    int32_t code, left, right, posts;
} Instruction;

typedef struct {
    int32_t factor, other;
} Term;

/* `data` and `totals` are the arrays of the program in Python, which share their memory. */
typedef struct {
    PyObject_HEAD
    Py_buffer data_view, totals_view;
    double *data, *totals;
    Instruction *code;
    Term *terms;
    int32_t first, size, root, terms_count;
} Program;

/* A product: two places. A place is a block of numbers, one for each row, or ~slot for a number that all rows share. */
typedef struct {
    int32_t left, right;
} Pair;

/* What a pass does with a block of rows. A CHAIN sums the pairs from `x` to before `y` in the block `result`. A TURN
 * makes the columns from `x` to before `y` lines of the panel, and a PANEL adds them, times `upstream`, to lanes of sums
 * from `result` on. Other codes are operations, or with a `side` (0 or 1) contributions to an operand. */
typedef struct {
    int32_t code, side, result, x, y, z, upstream;
} Step;

enum { CHAIN = -1, TURN = -2, PANEL = -3 };

struct Width;

/* A program on blocks of rows: the steps before `turn` are the forward pass, the rest up to `end` the backward pass.
 * `places` and `totals` have the places of the slots' numbers and gradients; a gradient whose sum alone is needed has
 * none. `receivers` are the slots of the lanes, -1 for none. */
typedef struct {
    PyObject_HEAD
    Program *program;
    const struct Width *width;
    int32_t *places, *totals, *columns, *receivers;
    Pair *pairs;
    Step *steps;
    double *memory, *blocks, *panels, *lanes, *sums;
    int32_t inputs, turn, end, lane_count;
} Rows;

/* A question about two numbers, and its recorded answer; see `Guard` in `program.py`. */
typedef struct {
    int64_t question, left, right;
    double answer;
} Guard;

enum { LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, NOT_EQUAL };

typedef struct Width {
    int width, block;
    void (*run)(const Rows *, const Step *step, const Step *end, int count);
} Width;

/* `program.c`: one run of a program on its numbers. */
void run_forward(const Program *self);
void run_backward(const Program *self, double seed, int32_t root, const uint8_t *mask);

/* `plan.c`: what to do with many rows. The flags of slots are those of `Flags` in `batch.py`. */
int plan_rows(Rows *rows, const uint8_t *differs, const uint8_t *varies, const uint8_t *kept);

/* `rows.c`: many rows, block by block. */
const Width *width_of(int width);
void load_rows(Rows *self, const double *numbers, const int64_t *rows, int64_t start, int count);
int guard_holds(const Rows *self, const Guard *guard, int row);

#endif
