/* The quick look at what a function reads from outside: are all objects the same as at the recording?
 *
 * It compares addresses only; see `surroundings.py`, which says what has changed.
 */

#include "native.h"

/* An item is a tuple of a dict, its keys, and its contents, of which `any` may be anything. */
static int same_entries(PyObject *item, PyObject *any) {
    PyObject *place = PyTuple_GET_ITEM(item, 0), *keys = PyTuple_GET_ITEM(item, 1), *kept = PyTuple_GET_ITEM(item, 2);
    PyObject *key, *content;
    Py_ssize_t next = 0, at = 0;
    if (!PyDict_CheckExact(place) || PyDict_GET_SIZE(place) != PyList_GET_SIZE(keys)) {
        return 0;
    }
    for (; PyDict_Next(place, &next, &key, &content); at++) {
        PyObject *before = PyList_GET_ITEM(kept, at);
        if (PyList_GET_ITEM(keys, at) != key || (before != content && before != any)) {
            return 0;
        }
    }
    return 1;
}

/* An item is a tuple of a dict, a name, and its content, which is `missing` if there was none. */
static int same_name(PyObject *item, PyObject *missing) {
    PyObject *place = PyTuple_GET_ITEM(item, 0), *name = PyTuple_GET_ITEM(item, 1);
    if (!PyDict_CheckExact(place) || !PyUnicode_CheckExact(name)) {
        return 0;
    }
    PyObject *content = PyDict_GetItemWithError(place, name);
    if (content == NULL && PyErr_Occurred()) { /* by a key that is no text: `surroundings.py` asks it again */
        PyErr_Clear();
        return 0;
    }
    return (content == NULL ? missing : content) == PyTuple_GET_ITEM(item, 2);
}

/* An item is a tuple of a list and a copy. */
static int same_list(PyObject *item, PyObject *unused) {
    (void)unused;
    PyListObject *found = (PyListObject *)PyTuple_GET_ITEM(item, 0), *kept = (PyListObject *)PyTuple_GET_ITEM(item, 1);
    Py_ssize_t size = PyList_GET_SIZE(kept);
    if (PyList_GET_SIZE(found) != size) {
        return 0;
    }
    return size == 0 || !memcmp(found->ob_item, kept->ob_item, size * sizeof(PyObject *));
}

/* An item is a tuple of an object and its class. */
static int same_class(PyObject *item, PyObject *unused) {
    (void)unused;
    return (PyObject *)Py_TYPE(PyTuple_GET_ITEM(item, 0)) == PyTuple_GET_ITEM(item, 1);
}

/* An item is a tuple of a cell of a closure, its name, and its content, which is `missing` if there was none. */
static int same_cell(PyObject *item, PyObject *missing) {
    PyObject *content = PyCell_GET(PyTuple_GET_ITEM(item, 0));
    return (content == NULL ? missing : content) == PyTuple_GET_ITEM(item, 2);
}

/* An item is a tuple of a function, its code, its defaults, and those of its keyword arguments. */
static int same_function(PyObject *item, PyObject *unused) {
    (void)unused;
    PyFunctionObject *function = (PyFunctionObject *)PyTuple_GET_ITEM(item, 0);
    PyObject *parts[] = {function->func_code, function->func_defaults, function->func_kwdefaults};
    for (int part = 0; part < 3; part++) {
        if ((parts[part] == NULL ? Py_None : parts[part]) != PyTuple_GET_ITEM(item, part + 1)) {
            return 0;
        }
    }
    return 1;
}

static int all_same(PyObject *items, int (*same)(PyObject *, PyObject *), PyObject *with) {
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(items); at++) {
        if (!same(PyList_GET_ITEM(items, at), with)) {
            return 0;
        }
    }
    return 1;
}

/* unchanged(places, any, missing): the places are lists of tuples, for each of the functions above, in their order. */
PyObject *unchanged(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 3 || !PyTuple_Check(arguments[0]) || PyTuple_GET_SIZE(arguments[0]) != 6) {
        PyErr_SetString(PyExc_TypeError, "expected six lists of places, and two marks.");
        return NULL;
    }
    PyObject *const *places = &PyTuple_GET_ITEM(arguments[0], 0), *any = arguments[1], *missing = arguments[2];
    return PyBool_FromLong(
        all_same(places[0], same_entries, any) && all_same(places[1], same_name, missing) &&
        all_same(places[2], same_list, NULL) && all_same(places[3], same_class, NULL) &&
        all_same(places[4], same_cell, missing) && all_same(places[5], same_function, NULL));
}
