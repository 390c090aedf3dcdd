/* The module `native`: recorded programs run by C, as Program (one run) and Rows (many rows at once).
 *
 * All results have the bits of `program.py` and of `Rows` in `batch.py`, which it replaces where it can be compiled.
 */

#include "native.h"

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
        self->terms_count = (int32_t)counts[4];
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
    run_forward(self);
    Py_RETURN_NONE;
}

/* backward(seed, root, mask): the mask is None, or bytes with 1 for each instruction that the root depends on. */
static PyObject *program_backward(Program *self, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 3 || (arguments[2] != Py_None && !PyBytes_Check(arguments[2]))) {
        PyErr_SetString(PyExc_TypeError, "expected a seed, a root, and a mask of bytes or None.");
        return NULL;
    }
    double seed = PyFloat_AsDouble(arguments[0]);
    long root = PyLong_AsLong(arguments[1]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    int is_masked = arguments[2] != Py_None;
    if (root < 0 || root >= self->first + self->size || (is_masked && PyBytes_GET_SIZE(arguments[2]) != self->size)) {
        PyErr_SetString(PyExc_ValueError, "expected a slot of the program as the root, and a flag for each instruction.");
        return NULL;
    }
    run_backward(self, seed, (int32_t)root, is_masked ? (const uint8_t *)PyBytes_AS_STRING(arguments[2]) : NULL);
    Py_RETURN_NONE;
}

static PyMethodDef program_methods[] = {
    {"forward", (PyCFunction)program_forward, METH_NOARGS, "Compute every slot after the sources."},
    {"backward", (PyCFunction)(void (*)(void))program_backward, METH_FASTCALL, "Compute the totals; see the source."},
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
    void *arrays[] = {self->places, self->totals, self->columns, self->receivers, self->pairs, self->steps, self->memory,
                      self->sums};
    for (int each = 0; each < 8; each++) {
        PyMem_Free(arrays[each]);
    }
    Py_XDECREF(self->program);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *rows_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    Program *program;
    Py_buffer differs, varies, kept;
    int inputs, width = 0;
    if (named != NULL && PyDict_Size(named) > 0) {
        PyErr_SetString(PyExc_TypeError, "Rows take no named arguments.");
        return NULL;
    }
    if (!PyArg_ParseTuple(
            arguments, "O!y*y*y*i|i", &ProgramType, &program, &differs, &varies, &kept, &inputs, &width)) {
        return NULL;
    }
    Py_ssize_t count = (Py_ssize_t)program->first + program->size;
    Rows *self = (Rows *)type->tp_alloc(type, 0);
    int failed = self == NULL;
    if (!failed) {
        Py_INCREF(program);
        self->program = program;
        self->inputs = inputs;
        self->width = width_of(width);
        self->sums = PyMem_Calloc(count + 1, sizeof(double));
        failed = self->sums == NULL || self->width == NULL || differs.len != count || varies.len != count ||
                 kept.len != count;
        if (failed) {
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
    int32_t root = self->program->root, place = self->places[root];
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

static PyTypeObject RowsType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Rows",
    .tp_doc = "Rows(program, differs, varies, kept, inputs, width=0): a program on blocks of rows. The flags of "
              "the slots are bytes: differs by row, gets a gradient, keeps it for each row.",
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
