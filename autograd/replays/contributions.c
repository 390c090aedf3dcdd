/* The gradient of each slot of a program as a chain of products: the contributions to it, in the order of the sweep. */

#include "native.h"

/* Get the products that an instruction sums; `single` holds that of a product. Return 0 for other operations. */
int products_of(const Program *program, int32_t index, Products *found) {
    const Instruction *now = program->code + index;
    if (now->code == WEIGHTED_SUM) {
        found->first = program->terms + now->left;
        found->end = program->terms + now->right;
    } else if (now->code == MULTIPLY) {
        found->single = (Pair){now->left, now->right};
        found->first = &found->single;
        found->end = found->first + 1;
    } else {
        return 0;
    }
    return 1;
}

/* Count a contribution; in the second pass, which has room for them, write it. */
static void contribute(Contributions *found, const uint8_t *varies, int32_t slot, int32_t flow, int32_t by) {
    if (!varies[slot]) {
        return;
    }
    if (found->pairs != NULL) {
        found->pairs[found->firsts[slot] + found->counts[slot]] = (Pair){flow, by};
    }
    found->counts[slot]++;
}

static void visit(const Program *program, const uint8_t *varies, Contributions *found) {
    int32_t count = program->first + program->size, one = program->first - 1;
    for (int32_t index = program->size - 1; index >= 0; index--) {
        const Instruction *now = program->code + index;
        int32_t flow = program->first + index;
        Products products;
        if (!now->posts || !varies[flow]) {
            continue;
        }
        if (products_of(program, index, &products)) {
            for (const Pair *term = products.end - 1; term >= products.first; term--) {
                contribute(found, varies, term->left, flow, term->right);
                contribute(found, varies, term->right, flow, term->left);
            }
            continue;
        }
        for (int side = 0; side < 2; side++) {
            if (now->posts & (side ? RIGHT : LEFT)) {
                contribute(found, varies, side ? now->right : now->left, count + 2 * index + side, one);
            }
        }
    }
}

/* Find the contributions to the slots with a flag in `varies`; so are the instructions that they come from. */
int find_contributions(const Program *program, const uint8_t *varies, Contributions *found) {
    size_t count = (size_t)program->first + program->size;
    found->pairs = NULL;
    found->firsts = PyMem_Calloc(count + 1, sizeof(int32_t));
    found->counts = PyMem_Calloc(count + 1, sizeof(int32_t));
    int32_t all = 0;
    if (found->firsts != NULL && found->counts != NULL) {
        visit(program, varies, found);
        for (size_t slot = 0; slot < count; slot++) {
            found->firsts[slot] = all;
            all += found->counts[slot];
            found->counts[slot] = 0;
        }
        found->pairs = PyMem_Calloc((size_t)all + 1, sizeof(Pair));
    }
    if (found->pairs == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    visit(program, varies, found);
    return 0;
}

void free_contributions(Contributions *found) {
    PyMem_Free(found->firsts);
    PyMem_Free(found->counts);
    PyMem_Free(found->pairs);
}
