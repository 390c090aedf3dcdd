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

/* A product: two places. In a program they are slots; the left one may be a flow: see `run_backward`. In rows, a place is
 * a block of numbers, one for each row, or ~slot for a number that all rows share. */
typedef struct {
    int32_t left, right;
} Pair;

/* The products that an instruction sums. */
typedef struct {
    const Pair *first, *end;
    Pair single;
} Products;

/* The contributions to the gradient of each slot: `counts` pairs from `firsts` on. Left is the flow that comes from an
 * instruction: the gradient of its slot, or, after all slots, two flows of each operation. Right is the factor's slot. */
typedef struct {
    int32_t *firsts, *counts;
    Pair *pairs;
} Contributions;

/* What a pass does with a block of rows. A CHAIN sums the pairs from `x` to before `y` in the block `result`; WEIGH does
 * so where each is a block, named by `factors` from `z` on, times a weight that all rows share. A TURN makes the columns
 * from `x` to before `y` lines of the panel, and a PANEL adds them, times `upstream`, to lanes of sums from `result` on.
 * PANELS is several of them at once, with their blocks among the `factors` from `upstream` on. Other codes are operations,
 * or with a `side` (0 or 1) contributions to an operand. */
typedef struct {
    int32_t code, side, result, x, y, z, upstream;
} Step;

enum { CHAIN = -1, WEIGH = -2, TURN = -3, PANEL = -4, PANELS = -5 };

/* `data` is the array of the program in Python, which shares its memory. */
typedef struct {
    PyObject_HEAD
    Py_buffer data_view;
    double *data;
    Instruction *code;
    Pair *terms;
    int32_t first, size, term_count;
} Program;

/* The backward pass from a root: it writes the gradients of `slots` into `amounts`, an array of Python's, after the
 * steps as `products` of a flow and a number. */
typedef struct {
    PyObject_HEAD
    Program *program;
    PyObject *mask;
    Py_buffer amounts_view;
    double *amounts, *flows;
    int64_t *slots;
    Contributions found;
    Pair *products;
    Step *steps, *end;
    Py_ssize_t amount_count;
    int32_t root;
} Sweep;

struct Width;

/* A program on blocks of rows: the steps before `turn` are the forward pass, the rest up to `end` the backward pass.
 * `places` and `totals` have the places of the slots' numbers and gradients; a gradient whose sum alone is needed has
 * none. `receivers` are the slots of the lanes, -1 for none. `weights` has the number of the right slot of each pair, if
 * all rows share it, and `ones` is the place of a block of ones. */
typedef struct {
    PyObject_HEAD
    Program *program;
    const struct Width *width;
    int32_t *places, *totals, *columns, *receivers, *factors;
    Pair *pairs;
    Step *steps;
    double *memory, *blocks, *panels, *lanes, *weights, *sums;
    int32_t inputs, root, turn, end, lane_count, pair_count, ones;
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

/* `native.c`. `view_of` gets the memory of an array of `count` items of this size (-1 for any count); it
 * raises if the array is another. `is_named` raises if there are named arguments. */
extern PyTypeObject ProgramType;
int view_of(PyObject *array, Py_buffer *view, Py_ssize_t itemsize, Py_ssize_t count, const char *what);
int is_named(PyObject *named);

/* `batch.c`: what Python calls for many rows. */
extern PyTypeObject RowsType;

/* `contributions.c` */
int products_of(const Program *program, int32_t index, Products *found);
int find_contributions(const Program *program, const uint8_t *varies, Contributions *found);
void free_contributions(Contributions *found);

/* `program.c`: one run of a program on its numbers. */
int plan_backward(Sweep *self, const uint8_t *varies);
void run_forward(const Program *self);
void run_backward(const Sweep *self, double seed);

/* `surroundings.c`: whether what a function reads is still the same. */
PyObject *unchanged(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* `plan.c`: what to do with many rows. The flags of slots are those of `Flags` in `batch.py`. */
int plan_rows(Rows *rows, const uint8_t *differs, const uint8_t *varies, const uint8_t *kept);

/* `rows.c`: many rows, block by block. */
const Width *width_of(int width);
void load_rows(Rows *self, const double *numbers, const int64_t *rows, int64_t start, int count);
int guard_holds(const Rows *self, const Guard *guard, int row);

#endif
