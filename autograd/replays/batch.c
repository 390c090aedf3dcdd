/* The class Rows of the module `native`: a program on many rows at once, with the bits of `Rows` in `batch.py`. */

#include "native.h"

static void rows_dealloc(Rows *self) {
    void *arrays[] = {self->places, self->totals, self->columns, self->receivers, self->factors, self->pairs, self->steps,
                      self->memory, self->sums};
    for (int each = 0; each < 9; each++) {
        PyMem_Free(arrays[each]);
    }
    Py_XDECREF(self->program);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *rows_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    Program *program;
    Py_buffer differs, varies, kept;
    int inputs, root, width = 0;
    if (is_named(named) || !PyArg_ParseTuple(
            arguments, "O!y*y*y*ii|i", &ProgramType, &program, &differs, &varies, &kept, &inputs, &root, &width)) {
        return NULL;
    }
    Py_ssize_t count = (Py_ssize_t)program->first + program->size;
    Rows *self = (Rows *)type->tp_alloc(type, 0);
    int failed = self == NULL;
    if (!failed) {
        Py_INCREF(program);
        self->program = program;
        self->inputs = inputs;
        self->root = root;
        self->width = width_of(width);
        self->sums = PyMem_Calloc(count + 1, sizeof(double));
        failed = self->width == NULL || root < 0 || root >= count || differs.len != count || varies.len != count ||
                 kept.len != count;
        if (self->sums == NULL) {
            failed = 1;
            PyErr_NoMemory();
        } else if (failed) {
            PyErr_Format(PyExc_ValueError, "expected flags for %zd slots and a width of this processor.", count);
        } else {
            failed = plan_rows(self, differs.buf, varies.buf, kept.buf) < 0;
            for (Py_ssize_t slot = 0; slot < count; slot++) {
                self->sums[slot] = -0.0;
            }
        }
    }
    PyBuffer_Release(&differs);
    PyBuffer_Release(&varies);
    PyBuffer_Release(&kept);
    if (failed) {
        Py_XDECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* sums(slots): a list with the sum of the gradients of each of these slots over the rows of the last run. */
static PyObject *rows_sums(Rows *self, PyObject *slots) {
    Py_buffer view;
    if (view_of(slots, &view, sizeof(int64_t), -1, "slots") < 0) {
        return NULL;
    }
    Py_ssize_t count = view.len / (Py_ssize_t)sizeof(int64_t);
    PyObject *sums = PyList_New(count);
    for (Py_ssize_t at = 0; sums != NULL && at < count; at++) {
        PyObject *sum = PyFloat_FromDouble(self->sums[((int64_t *)view.buf)[at]]);
        if (sum == NULL) {
            Py_CLEAR(sums);
        } else {
            PyList_SET_ITEM(sums, at, sum);
        }
    }
    PyBuffer_Release(&view);
    return sums;
}

/* Where the gradients of each row go: those of `slots[c]` to `out[(row - base) * stride + offsets[c]]`. */
typedef struct {
    Py_buffer out, slots, offsets;
    Py_ssize_t stride, base;
} Columns;

typedef struct {
    Py_buffer numbers, rows, values;
    Columns columns;
} Arrays;

static void release(Arrays *arrays) {
    Py_buffer *views[] = {&arrays->numbers, &arrays->rows, &arrays->values, &arrays->columns.out, &arrays->columns.slots,
                          &arrays->columns.offsets};
    for (int each = 0; each < 6; each++) {
        if (views[each]->obj) {
            PyBuffer_Release(views[each]);
        }
    }
}

static int writable(PyObject *array, Py_buffer *view) {
    return PyObject_GetBuffer(array, view, PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS);
}

/* Get the rows of a call: their numbers, and the places of those to run (None: the first `count`). */
static int rows_of(PyObject *numbers, PyObject *rows, Py_ssize_t count, Arrays *arrays) {
    memset(arrays, 0, sizeof(*arrays));
    if (view_of(numbers, &arrays->numbers, sizeof(double), -1, "numbers") < 0) {
        return -1;
    }
    return rows == Py_None ? 0 : view_of(rows, &arrays->rows, sizeof(int64_t), count, "rows");
}

static int columns_of(PyObject *given, Columns *columns) {
    PyObject *out, *slots, *offsets;
    if (given == Py_None) {
        return 0;
    }
    if (!PyArg_ParseTuple(given, "OOOnn", &out, &slots, &offsets, &columns->stride, &columns->base)) {
        return -1;
    }
    if (writable(out, &columns->out) < 0 || view_of(slots, &columns->slots, sizeof(int64_t), -1, "slots") < 0) {
        return -1;
    }
    return view_of(offsets, &columns->offsets, sizeof(int64_t), columns->slots.len / 8, "offsets");
}

/* Write the results of the present block. */
static void write_values(const Rows *self, double *values, const int64_t *rows, int64_t start, int count) {
    int32_t root = self->root, place = self->places[root];
    const double *block = self->blocks + (int64_t)place * self->width->block;
    for (int i = 0; i < count; i++) {
        values[rows ? rows[start + i] : start + i] = place < 0 ? self->program->data[root] : block[i];
    }
}

/* Write the gradients of each row of the present block. */
static void write_columns(const Rows *self, const Columns *columns, const int64_t *rows, int64_t start, int count) {
    const int64_t *slots = columns->slots.buf, *offsets = columns->offsets.buf;
    for (int64_t column = 0; column < columns->slots.len / (int64_t)sizeof(int64_t); column++) {
        const double *totals = self->blocks + (int64_t)self->totals[slots[column]] * self->width->block;
        double *out = (double *)columns->out.buf + offsets[column];
        for (int i = 0; i < count; i++) {
            int64_t row = rows ? rows[start + i] : start + i;
            out[(row - columns->base) * columns->stride] = totals[i];
        }
    }
}

/* Get the numbers of the pairs that all rows share as they are now. */
static void get_weights(Rows *self) {
    for (int32_t at = 0; at < self->pair_count; at++) {
        int32_t right = self->pairs[at].right;
        self->weights[at] = right < 0 ? self->program->data[~right] : 0.0;
    }
}

/* Run the forward pass for the rows from `start` on, and return how many there are: a block, or fewer at the end. */
static int run_block(Rows *self, const Arrays *arrays, int64_t start, int64_t count) {
    int present = (int)(count - start < self->width->block ? count - start : self->width->block);
    load_rows(self, arrays->numbers.buf, arrays->rows.buf, start, present);
    self->width->run(self, self->steps, self->steps + self->turn, present);
    return present;
}

/* run(numbers, rows, count, values, gradients, columns)
 *
 * `numbers` has the inputs of all rows, `rows` the places of those to run (None: the first `count`). `values` gets the
 * result of each row. With `gradients`, the sums are computed, and `columns` gets the gradients of each row: None, or a
 * tuple (out, slots, offsets, stride, base). */
static PyObject *rows_run(Rows *self, PyObject *arguments) {
    PyObject *numbers, *rows, *values, *columns;
    Py_ssize_t count;
    int gradients;
    Arrays arrays;
    if (!PyArg_ParseTuple(arguments, "OOnOpO", &numbers, &rows, &count, &values, &gradients, &columns)) {
        return NULL;
    }
    int failed = rows_of(numbers, rows, count, &arrays) < 0 || writable(values, &arrays.values) < 0 ||
                 columns_of(columns, &arrays.columns) < 0;
    const int64_t *places = arrays.rows.buf;
    get_weights(self);
    for (int32_t lane = 0; lane < self->lane_count; lane++) {
        self->lanes[lane] = -0.0;
    }
    for (int64_t start = 0; start < count && !failed; start += self->width->block) {
        int present = run_block(self, &arrays, start, count);
        write_values(self, arrays.values.buf, places, start, present);
        if (gradients) {
            self->width->run(self, self->steps + self->turn, self->steps + self->end, present);
            if (arrays.columns.out.obj) {
                write_columns(self, &arrays.columns, places, start, present);
            }
        }
        failed = PyErr_CheckSignals() < 0;
    }
    for (int32_t lane = 0; lane < self->lane_count; lane++) {
        if (self->receivers[lane] >= 0) {
            self->sums[self->receivers[lane]] = self->lanes[lane];
        }
    }
    release(&arrays);
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* held(numbers, rows, count, guards): bytes, 1 for each row for which all guards hold. `guards` has four numbers each. */
static PyObject *rows_held(Rows *self, PyObject *arguments) {
    PyObject *numbers, *rows;
    Py_ssize_t count;
    Py_buffer given;
    Arrays arrays;
    if (!PyArg_ParseTuple(arguments, "OOny*", &numbers, &rows, &count, &given)) {
        return NULL;
    }
    const double *items = given.buf;
    PyObject *held = PyBytes_FromStringAndSize(NULL, count);
    int failed = held == NULL || rows_of(numbers, rows, count, &arrays) < 0;
    get_weights(self);
    for (int64_t start = 0; start < count && !failed; start += self->width->block) {
        int present = run_block(self, &arrays, start, count);
        char *flags = PyBytes_AS_STRING(held) + start;
        memset(flags, 1, present);
        for (Py_ssize_t at = 0; at < given.len / (Py_ssize_t)sizeof(double); at += 4) {
            Guard guard = {(int64_t)items[at], (int64_t)items[at + 1], (int64_t)items[at + 2], items[at + 3]};
            for (int i = 0; i < present; i++) {
                flags[i] &= guard_holds(self, &guard, i);
            }
        }
        failed = PyErr_CheckSignals() < 0;
    }
    PyBuffer_Release(&given);
    if (held != NULL) {
        release(&arrays);
    }
    if (failed) {
        Py_CLEAR(held);
    }
    return held;
}

/* add_rows(sums, rows, count): add `count` rows of numbers to the sums, in their order. */
static PyObject *rows_add(PyObject *unused, PyObject *arguments) {
    (void)unused;
    PyObject *sums, *rows;
    Py_ssize_t count;
    Py_buffer into, from;
    if (!PyArg_ParseTuple(arguments, "OOn", &sums, &rows, &count) || writable(sums, &into) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(rows, &from, PyBUF_C_CONTIGUOUS) < 0) {
        PyBuffer_Release(&into);
        return NULL;
    }
    Py_ssize_t columns = into.len / (Py_ssize_t)sizeof(double);
    for (Py_ssize_t row = 0; row < count; row++) {
        for (Py_ssize_t column = 0; column < columns; column++) {
            ((double *)into.buf)[column] += ((const double *)from.buf)[row * columns + column];
        }
    }
    PyBuffer_Release(&into);
    PyBuffer_Release(&from);
    Py_RETURN_NONE;
}

static PyMethodDef rows_methods[] = {
    {"run", (PyCFunction)rows_run, METH_VARARGS, "Run rows; see the source."},
    {"held", (PyCFunction)rows_held, METH_VARARGS, "Say for which rows the guards hold; see the source."},
    {"sums", (PyCFunction)rows_sums, METH_O, "Return the sums of the gradients of slots over the rows."},
    {"add_rows", rows_add, METH_VARARGS | METH_STATIC, "Add rows of numbers to sums; see the source."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject RowsType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Rows",
    .tp_doc = "Rows(program, differs, varies, kept, inputs, root, width=0): a program on blocks of rows. The "
              "flags of the slots are bytes: differs by row, gets a gradient, keeps it for each row.",
    .tp_basicsize = sizeof(Rows),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = rows_new,
    .tp_dealloc = (destructor)rows_dealloc,
    .tp_methods = rows_methods,
};
