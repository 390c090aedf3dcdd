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
    int32_t first, size, root;
} Program;

struct Width;

/* The blocks of a program. A slot that differs by row has a block in `data` at its `data_place`, others have -1. A slot
 * whose gradient is kept for each row has one in `totals`; the gradients of others go to `sums` as they come. */
typedef struct {
    PyObject_HEAD
    Program *program;
    const struct Width *width;
    int32_t *data_place, *total_place;
    uint8_t *varies;
    double *memory, *data, *totals, *sums;
    int32_t inputs, total_blocks;
} Rows;

/* A question about two numbers, and its recorded answer; see `Guard` in `program.py`. */
typedef struct {
    int64_t question, left, right;
    double answer;
} Guard;

enum { LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, NOT_EQUAL };

typedef struct Width {
    int block;
    void (*forward)(const Rows *);
    void (*backward)(const Rows *, int count);
} Width;

/* `program.c`: one run of a program on its numbers. */
void run_forward(const Program *self);
void run_backward(const Program *self, double seed, int32_t root, const uint8_t *mask);

/* `rows.c`: many rows, block by block. */
const Width *width_of(int width);
void load_rows(Rows *self, const double *numbers, const int64_t *rows, int64_t start, int count);
int guard_holds(const Rows *self, const Guard *guard, int row);

#endif
