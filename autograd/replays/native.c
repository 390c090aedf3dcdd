/* Recorded programs run by C: one run on numbers (Program), and many rows at once (Rows).
 *
 * The rows of the table come from `operations.h`, which `python -m autograd.generate` writes. `rows.h` runs a program
 * on a block of rows, for one width of vectors; the widest that this processor has is chosen when the module starts.
 * All results have the bits of `autograd/replays/program.py`, which this module replaces where it can be compiled.
 */

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
    int32_t *data_place, *total_place, *collect;
    uint8_t *varies;
    double *memory, *data, *totals, *sums;
    int32_t inputs, total_blocks, collected;
} Rows;

typedef struct Width {
    int block;
    void (*forward)(const Rows *);
    void (*backward)(const Rows *, int count);
} Width;

/* One run on numbers. */

static inline double value_of(int code, double x, double y) {
    switch (code) {
#define X x
#define Y y
#define Z z
#define UNARY(code, value, dx) case code: return (value);
#define BINARY(code, value, dx, dy) case code: return (value);
        OPERATIONS
#undef UNARY
#undef BINARY
    }
    return NAN;
}

static inline double slope_of(int code, int side, double x, double y, double z) {
    switch (2 * code + side) {
#define UNARY(code, value, dx) case 2 * code: return (dx);
#define BINARY(code, value, dx, dy) case 2 * code: return (dx); case 2 * code + 1: return (dy);
        OPERATIONS
#undef UNARY
#undef BINARY
#undef X
#undef Y
#undef Z
    }
    return NAN;
}

static void forward(const Program *self) {
    double *data = self->data;
    for (int32_t index = 0; index < self->size; index++) {
        Instruction now = self->code[index];
        double *result = data + self->first + index;
        if (now.code == WEIGHTED_SUM) {
            const Term *term = self->terms + now.left, *end = self->terms + now.right;
            double total = data[term->factor] * data[term->other];
            for (term++; term < end; term++) {
                total += data[term->factor] * data[term->other];
            }
            *result = total;
        } else {
            *result = value_of(now.code, data[now.left], now.right < 0 ? 0.0 : data[now.right]);
        }
    }
}

static void backward(const Program *self, double seed) {
    const double *data = self->data;
    double *totals = self->totals;
    for (int32_t slot = 0; slot < self->first + self->size; slot++) {
        totals[slot] = -0.0;
    }
    totals[self->root] = seed;
    for (int32_t index = self->size - 1; index >= 0; index--) {
        Instruction now = self->code[index];
        double upstream = totals[self->first + index];
        if (!now.posts) {
            continue;
        }
        if (now.code == WEIGHTED_SUM) {
            for (const Term *term = self->terms + now.right - 1; term >= self->terms + now.left; term--) {
                totals[term->factor] += upstream * data[term->other];
                totals[term->other] += upstream * data[term->factor];
            }
            continue;
        }
        double x = data[now.left], y = now.right < 0 ? 0.0 : data[now.right], z = data[self->first + index];
        if (now.posts & LEFT) {
            totals[now.left] += upstream * slope_of(now.code, 0, x, y, z);
        }
        if (now.posts & RIGHT) {
            totals[now.right] += upstream * slope_of(now.code, 1, x, y, z);
        }
    }
}

/* Rows, for each width of vectors. */

#define WIDTH 1
#define NAME(name) name##_1
#if !defined(__GNUC__)
#include "rows.h"
#endif
#undef WIDTH
#undef NAME

#if defined(__GNUC__)
#define WIDTH 2
#define NAME(name) name##_2
#include "rows.h"
#undef WIDTH
#undef NAME
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define WIDE 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define WIDTH 4
#define NAME(name) name##_4
#include "rows.h"
#undef WIDTH
#undef NAME
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
#define WIDTH 8
#define NAME(name) name##_8
#include "rows.h"
#undef WIDTH
#undef NAME
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

/* Return how this processor runs rows with vectors of this many numbers; 0 asks for the widest. NULL if it does not. */
static const Width *width_of(int width) {
#if defined(WIDE)
    __builtin_cpu_init();
    if ((width == 8 || width == 0) && __builtin_cpu_supports("avx512f")) {
        return &width_8;
    }
    if ((width == 4 || width == 0) && __builtin_cpu_supports("avx2")) {
        return &width_4;
    }
#endif
#if defined(__GNUC__)
    return width == 2 || width == 0 ? &width_2 : NULL;
#else
    return width == 1 || width == 0 ? &width_1 : NULL;
#endif
}

/* What Python passes. */

/* Get the memory of an array of `count` items of this size (-1 for any count). Raise if it is another. */
static int view_of(PyObject *array, Py_buffer *view, Py_ssize_t itemsize, Py_ssize_t count, const char *what) {
    if (PyObject_GetBuffer(array, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) {
        return -1;
    }
    if (view->itemsize == itemsize && (count < 0 || view->len == count * itemsize)) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "expected %zd items of %zd bytes for the %s.", count, itemsize, what);
    PyBuffer_Release(view);
    return -1;
}

static int copied(PyObject *array, int64_t **items, Py_ssize_t *count, const char *what) {
    Py_buffer view;
    if (view_of(array, &view, sizeof(int64_t), -1, what) < 0) {
        return -1;
    }
    *count = view.len / (Py_ssize_t)sizeof(int64_t);
    *items = PyMem_Malloc(view.len + 1);
    if (*items == NULL) {
        PyBuffer_Release(&view);
        PyErr_NoMemory();
        return -1;
    }
    memcpy(*items, view.buf, view.len);
    PyBuffer_Release(&view);
    return 0;
}

static void program_dealloc(Program *self) {
    PyMem_Free(self->code);
    PyMem_Free(self->terms);
    if (self->data_view.obj) {
        PyBuffer_Release(&self->data_view);
    }
    if (self->totals_view.obj) {
        PyBuffer_Release(&self->totals_view);
    }
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* Fill in the instructions from the columns codes, lefts, rights, posts, and the terms from factors, others. */
static int fill(Program *self, PyObject *const *columns) {
    int64_t *items[6] = {NULL};
    Py_ssize_t counts[6] = {0};
    int failed = 0;
    for (int column = 0; column < 6 && !failed; column++) {
        failed = copied(columns[column], &items[column], &counts[column], "columns of a program") < 0;
    }
    for (int column = 1; column < 6 && !failed; column++) {
        if (counts[column] != counts[column < 4 ? 0 : 4]) {
            PyErr_SetString(PyExc_ValueError, "expected columns of equal lengths for a program.");
            failed = 1;
        }
    }
    if (!failed) {
        self->size = (int32_t)counts[0];
        self->code = PyMem_Calloc(counts[0] + 1, sizeof(Instruction));
        self->terms = PyMem_Calloc(counts[4] + 1, sizeof(Term));
        failed = self->code == NULL || self->terms == NULL;
        if (failed) {
            PyErr_NoMemory();
        }
    }
    if (!failed) {
        for (Py_ssize_t at = 0; at < counts[0]; at++) {
            self->code[at] = (Instruction){
                (int32_t)items[0][at], (int32_t)items[1][at], (int32_t)items[2][at], (int32_t)items[3][at]};
        }
        for (Py_ssize_t at = 0; at < counts[4]; at++) {
            self->terms[at] = (Term){(int32_t)items[4][at], (int32_t)items[5][at]};
        }
    }
    for (int column = 0; column < 6; column++) {
        PyMem_Free(items[column]);
    }
    return failed ? -1 : 0;
}

static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    PyObject *columns[6], *data, *totals;
    int first, root;
    if (named != NULL && PyDict_Size(named) > 0) {
        PyErr_SetString(PyExc_TypeError, "a Program takes no named arguments.");
        return NULL;
    }
    if (!PyArg_ParseTuple(
            arguments, "OOOOOOOOii", &columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5], &data,
            &totals, &first, &root)) {
        return NULL;
    }
    Program *self = (Program *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->first = first;
    self->root = root;
    if (fill(self, columns) < 0 ||
        view_of(data, &self->data_view, sizeof(double), first + self->size, "data") < 0 ||
        view_of(totals, &self->totals_view, sizeof(double), first + self->size, "totals") < 0) {
        Py_DECREF(self);
        return NULL;
    }
    /* A vec says that it is read-only. These two belong to the engine, which lets this module write into them. */
    self->data = self->data_view.buf;
    self->totals = self->totals_view.buf;
    return (PyObject *)self;
}

static PyObject *program_forward(Program *self, PyObject *unused) {
    (void)unused;
    forward(self);
    Py_RETURN_NONE;
}

static PyObject *program_backward(Program *self, PyObject *seed) {
    double number = PyFloat_AsDouble(seed);
    if (number == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    backward(self, number);
    Py_RETURN_NONE;
}

static PyMethodDef program_methods[] = {
    {"forward", (PyCFunction)program_forward, METH_NOARGS, "Compute every slot after the sources."},
    {"backward", (PyCFunction)program_backward, METH_O, "Compute the totals, from this seed of the root."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject ProgramType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Program",
    .tp_doc = "Program(codes, lefts, rights, posts, factors, others, data, totals, first, root): a program's columns, "
              "64-bit integers, and the numbers of its slots, which it shares with Python.",
    .tp_basicsize = sizeof(Program),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = program_new,
    .tp_dealloc = (destructor)program_dealloc,
    .tp_methods = program_methods,
};

static void rows_dealloc(Rows *self) {
    PyMem_Free(self->data_place);
    PyMem_Free(self->total_place);
    PyMem_Free(self->collect);
    PyMem_Free(self->varies);
    PyMem_Free(self->memory);
    PyMem_Free(self->sums);
    Py_XDECREF(self->program);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* Give a place to each slot with a flag, and return how many there are. */
static int32_t places_of(int32_t *places, const uint8_t *flags, Py_ssize_t count) {
    int32_t next = 0;
    for (Py_ssize_t slot = 0; slot < count; slot++) {
        places[slot] = flags[slot] ? next++ : -1;
    }
    return next;
}

static int reserve(Rows *self, const uint8_t *differs, const uint8_t *kept, Py_ssize_t count) {
    int32_t blocks = places_of(self->data_place, differs, count);
    self->total_blocks = places_of(self->total_place, kept, count);
    size_t numbers = ((size_t)blocks + (size_t)self->total_blocks) * (size_t)self->width->block;
    self->memory = PyMem_Calloc(numbers + 8, sizeof(double));
    if (self->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->data = (double *)(((uintptr_t)self->memory + 63) & ~(uintptr_t)63); /* whole lines of the cache */
    self->totals = self->data + (size_t)blocks * (size_t)self->width->block;
    return 0;
}

static PyObject *rows_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    Program *program;
    Py_buffer differs, varies, kept, collect;
    int inputs, width = 0;
    if (named != NULL && PyDict_Size(named) > 0) {
        PyErr_SetString(PyExc_TypeError, "Rows take no named arguments.");
        return NULL;
    }
    if (!PyArg_ParseTuple(
            arguments, "O!y*y*y*y*i|i", &ProgramType, &program, &differs, &varies, &kept, &collect, &inputs, &width)) {
        return NULL;
    }
    Py_ssize_t count = (Py_ssize_t)program->first + program->size;
    Rows *self = (Rows *)type->tp_alloc(type, 0);
    int failed = self == NULL;
    if (!failed) {
        self->width = width_of(width);
        failed = self->width == NULL || differs.len != count || varies.len != count || kept.len != count ||
                 collect.len != count;
        if (failed) {
            PyErr_Format(PyExc_ValueError, "expected flags for %zd slots and a width of this processor.", count);
        }
    }
    if (!failed) {
        Py_INCREF(program);
        self->program = program;
        self->inputs = inputs;
        self->data_place = PyMem_Calloc(count + 1, sizeof(int32_t));
        self->total_place = PyMem_Calloc(count + 1, sizeof(int32_t));
        self->collect = PyMem_Calloc(count + 1, sizeof(int32_t));
        self->varies = PyMem_Calloc(count + 1, 1);
        self->sums = PyMem_Calloc(count + 1, sizeof(double));
        failed = !self->data_place || !self->total_place || !self->collect || !self->varies || !self->sums;
        if (failed) {
            PyErr_NoMemory();
        } else {
            failed = reserve(self, differs.buf, kept.buf, count) < 0;
        }
    }
    if (!failed) {
        memcpy(self->varies, varies.buf, count);
        for (Py_ssize_t slot = 0; slot < count; slot++) {
            if (((uint8_t *)collect.buf)[slot]) {
                self->collect[self->collected++] = (int32_t)slot;
            }
        }
    }
    PyBuffer_Release(&differs);
    PyBuffer_Release(&varies);
    PyBuffer_Release(&kept);
    PyBuffer_Release(&collect);
    if (failed) {
        Py_XDECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *rows_start(Rows *self, PyObject *unused) {
    (void)unused;
    for (int32_t slot = 0; slot < self->program->first + self->program->size; slot++) {
        self->sums[slot] = -0.0;
        if (slot < self->program->first && self->data_place[slot] >= 0) { /* a leaf with a block of its own */
            double *block = self->data + (int64_t)self->data_place[slot] * self->width->block;
            for (int i = 0; i < self->width->block; i++) {
                block[i] = self->program->data[slot];
            }
        }
    }
    Py_RETURN_NONE;
}

static PyObject *rows_sum(Rows *self, PyObject *slot) {
    long number = PyLong_AsLong(slot);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(self->sums[number]);
}

/* Put the numbers of these rows into the blocks of the inputs; repeat the last row where the block is not full. */
static void load(Rows *self, const double *numbers, const int64_t *rows, int64_t start, int count) {
    for (int i = 0; i < self->width->block; i++) {
        int64_t at = start + (i < count ? i : count - 1);
        const double *row = numbers + (rows ? rows[at] : at) * self->inputs;
        for (int32_t slot = 0; slot < self->inputs; slot++) {
            self->data[(int64_t)self->data_place[slot] * self->width->block + i] = row[slot];
        }
    }
}

/* Write the numbers of a slot for each row of the block into every `step`-th place of an array. */
static void write_rows(
    const Rows *self, const double *blocks, int32_t place, double shared, double *out, const int64_t *rows, int64_t start,
    int count, int64_t step
) {
    for (int i = 0; i < count; i++) {
        out[(rows ? rows[start + i] : start + i) * step] = place < 0 ? shared : blocks[(int64_t)place * self->width->block + i];
    }
}

/* The arrays of one call: each view is of doubles, or absent. */
typedef struct {
    Py_buffer numbers, rows, values, by_row, slots;
} Arrays;

static void release(Arrays *arrays) {
    Py_buffer *views[] = {&arrays->numbers, &arrays->rows, &arrays->values, &arrays->by_row, &arrays->slots};
    for (int each = 0; each < 5; each++) {
        if (views[each]->obj) {
            PyBuffer_Release(views[each]);
        }
    }
}

static int writable(PyObject *array, Py_buffer *view) {
    return array == Py_None ? 0 : PyObject_GetBuffer(array, view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS);
}

/* run(numbers, rows, count, values, gradients, slots, by_row)
 *
 * `numbers` has the inputs of all rows, `rows` the places of those to run (None: all `count`). `values` gets the result of
 * each; with `gradients`, sums are added up, and `by_row` gets the gradients of these `slots` for each row, if given. */
static PyObject *rows_run(Rows *self, PyObject *arguments) {
    PyObject *numbers, *rows, *values, *slots, *by_row;
    Py_ssize_t count;
    int gradients;
    if (!PyArg_ParseTuple(arguments, "OOnOpOO", &numbers, &rows, &count, &values, &gradients, &slots, &by_row)) {
        return NULL;
    }
    Arrays arrays;
    memset(&arrays, 0, sizeof(arrays));
    if (view_of(numbers, &arrays.numbers, sizeof(double), -1, "numbers") < 0 ||
        (rows != Py_None && view_of(rows, &arrays.rows, sizeof(int64_t), count, "rows") < 0) ||
        writable(values, &arrays.values) < 0 || writable(by_row, &arrays.by_row) < 0 ||
        (slots != Py_None && view_of(slots, &arrays.slots, sizeof(int64_t), -1, "slots") < 0)) {
        release(&arrays);
        return NULL;
    }
    const int64_t *places = arrays.rows.buf, *wanted = arrays.slots.buf;
    int64_t columns = arrays.slots.len / (int64_t)sizeof(int64_t);
    const Program *program = self->program;
    int block = self->width->block;
    for (int64_t start = 0; start < count; start += block) {
        int present = (int)(count - start < block ? count - start : block);
        load(self, arrays.numbers.buf, places, start, present);
        self->width->forward(self);
        if (arrays.values.buf) {
            write_rows(
                self, self->data, self->data_place[program->root], program->data[program->root], arrays.values.buf, places,
                start, present, 1);
        }
        if (!gradients) {
            continue;
        }
        self->width->backward(self, present);
        for (int64_t column = 0; column < columns && arrays.by_row.buf; column++) {
            write_rows(
                self, self->totals, self->total_place[wanted[column]], 0.0, (double *)arrays.by_row.buf + column, places,
                start, present, columns);
        }
        if (PyErr_CheckSignals() < 0) {
            release(&arrays);
            return NULL;
        }
    }
    release(&arrays);
    Py_RETURN_NONE;
}

/* slots(numbers, rows, count, slots, out): run forward, and write the numbers of these slots for each row. */
static PyObject *rows_slots(Rows *self, PyObject *arguments) {
    PyObject *numbers, *rows, *slots, *out;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(arguments, "OOnOO", &numbers, &rows, &count, &slots, &out)) {
        return NULL;
    }
    Arrays arrays;
    memset(&arrays, 0, sizeof(arrays));
    if (view_of(numbers, &arrays.numbers, sizeof(double), -1, "numbers") < 0 ||
        (rows != Py_None && view_of(rows, &arrays.rows, sizeof(int64_t), count, "rows") < 0) ||
        view_of(slots, &arrays.slots, sizeof(int64_t), -1, "slots") < 0 || writable(out, &arrays.by_row) < 0) {
        release(&arrays);
        return NULL;
    }
    const int64_t *wanted = arrays.slots.buf;
    int64_t columns = arrays.slots.len / (int64_t)sizeof(int64_t);
    int block = self->width->block;
    for (int64_t start = 0; start < count; start += block) {
        int present = (int)(count - start < block ? count - start : block);
        load(self, arrays.numbers.buf, arrays.rows.buf, start, present);
        self->width->forward(self);
        for (int64_t column = 0; column < columns; column++) {
            double *into = (double *)arrays.by_row.buf + start * columns + column;
            write_rows(
                self, self->data, self->data_place[wanted[column]], self->program->data[wanted[column]], into, NULL, 0,
                present, columns);
        }
    }
    release(&arrays);
    Py_RETURN_NONE;
}

static PyMethodDef rows_methods[] = {
    {"start", (PyCFunction)rows_start, METH_NOARGS, "Begin: set the sums to -0.0, and copy the numbers of the leaves."},
    {"run", (PyCFunction)rows_run, METH_VARARGS, "Run rows; see the source."},
    {"slots", (PyCFunction)rows_slots, METH_VARARGS, "Write the numbers of slots for each row; see the source."},
    {"sum", (PyCFunction)rows_sum, METH_O, "Return the sum of the gradients of a slot over the rows."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject RowsType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Rows",
    .tp_doc = "Rows(program, differs, varies, kept, collect, inputs, width=0): a program on blocks of rows. The flags of "
              "the slots are bytes: differs by row, gets a gradient, keeps it for each row, adds it up after each block.",
    .tp_basicsize = sizeof(Rows),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = rows_new,
    .tp_dealloc = (destructor)rows_dealloc,
    .tp_methods = rows_methods,
};

static PyObject *widths(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    PyObject *found = PyList_New(0);
    for (int width = 1; found != NULL && width <= 8; width *= 2) {
        if (width_of(width) != NULL) {
            PyObject *number = PyLong_FromLong(width);
            if (number == NULL || PyList_Append(found, number) < 0) {
                Py_CLEAR(found);
            }
            Py_XDECREF(number);
        }
    }
    return found;
}

static PyMethodDef functions[] = {
    {"widths", widths, METH_NOARGS, "Return the widths of vectors that this processor has, in doubles."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "autograd.replays.native",
    .m_doc = "Recorded programs run by C, with the bits of the interpreted loop.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit_native(void) {
    if (PyType_Ready(&ProgramType) < 0 || PyType_Ready(&RowsType) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
    if (PyModule_AddObjectRef(module, "Program", (PyObject *)&ProgramType) < 0 ||
        PyModule_AddObjectRef(module, "Rows", (PyObject *)&RowsType) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
