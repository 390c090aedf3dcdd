/* The module `native`: recorded programs run by C, as Program (one run), Sweep (back from a root) and Rows (`batch.c`).
 *
 * All results have the bits of `program.py` and of `Rows` in `batch.py`, which it replaces where it can be compiled.
 */

#include "native.h"

#define MOST (1 << 28) /* so that no count of what a pass does exceeds 32 bits */

int view_of(PyObject *array, Py_buffer *view, Py_ssize_t itemsize, Py_ssize_t count, const char *what) {
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
    if (view.len > 0) { /* an empty one may have no memory */
        memcpy(*items, view.buf, view.len);
    }
    PyBuffer_Release(&view);
    return 0;
}

static void program_dealloc(Program *self) {
    PyMem_Free(self->code);
    PyMem_Free(self->terms);
    if (self->data_view.obj) {
        PyBuffer_Release(&self->data_view);
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
    if (!failed && (counts[0] > MOST || counts[4] > MOST)) {
        PyErr_Format(PyExc_OverflowError, "expected at most %d instructions and terms for a program.", MOST);
        failed = 1;
    }
    if (!failed) {
        self->size = (int32_t)counts[0];
        self->term_count = (int32_t)counts[4];
        self->code = PyMem_Calloc(counts[0] + 1, sizeof(Instruction));
        self->terms = PyMem_Calloc(counts[4] + 1, sizeof(Pair));
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
            self->terms[at] = (Pair){(int32_t)items[4][at], (int32_t)items[5][at]};
        }
    }
    for (int column = 0; column < 6; column++) {
        PyMem_Free(items[column]);
    }
    return failed ? -1 : 0;
}

int is_named(PyObject *named) {
    if (named == NULL || PyDict_Size(named) == 0) {
        return 0;
    }
    PyErr_SetString(PyExc_TypeError, "the module native takes no named arguments.");
    return 1;
}

static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    PyObject *columns[6], *data;
    int first;
    if (is_named(named) || !PyArg_ParseTuple(
            arguments, "OOOOOOOi", &columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5], &data,
            &first)) {
        return NULL;
    }
    Program *self = (Program *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->first = first;
    if (fill(self, columns) < 0 || view_of(data, &self->data_view, sizeof(double), first + self->size, "data") < 0) {
        Py_DECREF(self);
        return NULL;
    }
    /* A vec says that it is read-only. This one belongs to the engine, which lets this module write into it. */
    self->data = self->data_view.buf;
    return (PyObject *)self;
}

static PyObject *program_run(Program *self, PyObject *unused) {
    (void)unused;
    run_forward(self);
    Py_RETURN_NONE;
}

static PyMethodDef program_methods[] = {
    {"run", (PyCFunction)program_run, METH_NOARGS, "Compute every slot after the sources."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject ProgramType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Program",
    .tp_doc = "Program(codes, lefts, rights, posts, factors, others, data, first): a program's columns, 64-bit integers, "
              "and the numbers of its slots, which it shares with Python.",
    .tp_basicsize = sizeof(Program),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = program_new,
    .tp_dealloc = (destructor)program_dealloc,
    .tp_methods = program_methods,
};

static void free_plan(Sweep *self) {
    PyMem_Free(self->flows);
    PyMem_Free(self->steps);
    PyMem_Free(self->products);
    free_contributions(&self->found);
    self->flows = NULL;
    self->steps = self->end = NULL;
    self->products = NULL;
    self->found = (Contributions){NULL, NULL, NULL};
}

static void sweep_dealloc(Sweep *self) {
    PyMem_Free(self->slots);
    free_plan(self);
    if (self->amounts_view.obj) {
        PyBuffer_Release(&self->amounts_view);
    }
    Py_XDECREF(self->mask);
    Py_XDECREF(self->program);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *sweep_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    PyObject *program, *mask, *slots, *amounts;
    int root;
    if (is_named(named) ||
        !PyArg_ParseTuple(arguments, "O!iOOO", &ProgramType, &program, &root, &mask, &slots, &amounts)) {
        return NULL;
    }
    Sweep *self = (Sweep *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->program = (Program *)Py_NewRef(program);
    self->mask = Py_NewRef(mask);
    self->root = root;
    int is_mask = mask == Py_None || (PyBytes_Check(mask) && PyBytes_GET_SIZE(mask) == self->program->size);
    if (!is_mask || root < 0 || root >= self->program->first + self->program->size) {
        PyErr_SetString(PyExc_ValueError, "expected a slot as the root, and a flag for each instruction or None.");
        Py_DECREF(self);
        return NULL;
    }
    if (copied(slots, &self->slots, &self->amount_count, "slots") < 0 ||
        view_of(amounts, &self->amounts_view, sizeof(double), self->amount_count, "amounts") < 0) {
        Py_DECREF(self);
        return NULL;
    }
    self->amounts = self->amounts_view.buf; /* like the data of a program */
    return (PyObject *)self;
}

/* Plan the pass, which is left until it is needed. Without memory for it, nothing is planned. */
static int plan_sweep(Sweep *self) {
    int32_t first = self->program->first, count = first + self->program->size;
    uint8_t *varies = PyMem_Calloc((size_t)count + 1, 1);
    if (varies == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int32_t slot = first; slot < count; slot++) {
        varies[slot] = self->mask == Py_None || PyBytes_AS_STRING(self->mask)[slot - first];
    }
    for (Py_ssize_t at = 0; at < self->amount_count; at++) {
        varies[self->slots[at]] = 1;
    }
    int failed = plan_backward(self, varies);
    PyMem_Free(varies);
    if (failed) {
        free_plan(self);
    }
    return failed;
}

/* run(seed) */
static PyObject *sweep_run(Sweep *self, PyObject *number) {
    double seed = PyFloat_AsDouble(number);
    if (PyErr_Occurred() || (self->end == NULL && plan_sweep(self) < 0)) {
        return NULL;
    }
    run_backward(self, seed);
    Py_RETURN_NONE;
}

static PyMethodDef sweep_methods[] = {
    {"run", (PyCFunction)sweep_run, METH_O, "Compute the amounts for a seed."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject SweepType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.replays.native.Sweep",
    .tp_doc = "Sweep(program, root, mask, slots, amounts): the backward pass from a root, which writes the gradients of "
              "these slots into `amounts`. The mask has 1 for each instruction that the root depends on; None for all.",
    .tp_basicsize = sizeof(Sweep),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = sweep_new,
    .tp_dealloc = (destructor)sweep_dealloc,
    .tp_methods = sweep_methods,
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
    {"unchanged", (PyCFunction)(void (*)(void))unchanged, METH_FASTCALL, "Say whether surroundings are the same."},
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
    if (PyType_Ready(&ProgramType) < 0 || PyType_Ready(&SweepType) < 0 || PyType_Ready(&RowsType) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
    if (PyModule_AddObjectRef(module, "Program", (PyObject *)&ProgramType) < 0 ||
        PyModule_AddObjectRef(module, "Sweep", (PyObject *)&SweepType) < 0 ||
        PyModule_AddObjectRef(module, "Rows", (PyObject *)&RowsType) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
