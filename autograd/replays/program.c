/* One run of a recorded program on its numbers, forwards and backwards, with the bits of `program.py`. */

#include "native.h"

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

static double sum_of(const Pair *pair, const Pair *end, const double *lefts, const double *rights) {
    double total = lefts[pair->left] * rights[pair->right];
    for (pair++; pair < end; pair++) {
        total += lefts[pair->left] * rights[pair->right];
    }
    return total;
}

void run_forward(const Program *self) {
    double *data = self->data, *result = data + self->first;
    for (const Instruction *now = self->code; now < self->code + self->size; now++, result++) {
        if (now->code == WEIGHTED_SUM) {
            *result = sum_of(self->terms + now->left, self->terms + now->right, data, data);
        } else {
            *result = value_of(now->code, data[now->left], now->right < 0 ? 0.0 : data[now->right]);
        }
    }
}

/* Compute the amounts; the flows are the gradients of slots, and after them what each operation posts to each side. */
void run_backward(const Sweep *self, double seed) {
    const double *data = self->program->data;
    double *flows = self->flows;
    flows[self->root] = seed;
    for (const Step *step = self->steps; step < self->end; step++) {
        if (step->code == CHAIN) {
            flows[step->result] = sum_of(self->found.pairs + step->x, self->found.pairs + step->y, flows, data);
        } else {
            double x = data[step->x], y = data[step->y], z = data[step->z];
            flows[step->result] = flows[step->upstream] * slope_of(step->code, step->side, x, y, z);
        }
    }
    for (Py_ssize_t at = 0; at < self->amount_count; at++) {
        self->amounts[at] = flows[self->products[at].left] * data[self->products[at].right];
    }
}

/* Plan the gradient of a slot: what operations post to it, and the sum. The only contribution needs no sum. */
static void plan_slot(Sweep *self, int32_t slot) {
    const Program *program = self->program;
    int32_t count = program->first + program->size, first = self->found.firsts[slot];
    int32_t end = first + self->found.counts[slot];
    for (int32_t at = first; at < end; at++) {
        int32_t flow = self->found.pairs[at].left, index = (flow - count) >> 1, is_only = end - first == 1;
        if (flow < count) {
            continue;
        }
        const Instruction *now = program->code + index;
        int32_t y = now->right < 0 ? now->left : now->right, source = program->first + index;
        *self->end++ = (Step){now->code, (flow - count) & 1, is_only ? slot : flow, now->left, y, source, source};
        if (is_only) {
            return;
        }
    }
    if (end > first) {
        *self->end++ = (Step){CHAIN, -1, slot, first, end, 0, 0};
    }
}

/* Say whether the gradient of a source is just one product. */
static int is_product(const Sweep *self, int32_t slot) {
    const Program *program = self->program;
    return slot < program->first && slot != self->root && self->found.counts[slot] == 1 &&
           self->found.pairs[self->found.firsts[slot]].left < program->first + program->size;
}

int plan_backward(Sweep *self, const uint8_t *varies) {
    const Program *program = self->program;
    int32_t count = program->first + program->size;
    size_t flows = (size_t)count + 2 * (size_t)program->size;
    if (find_contributions(program, varies, &self->found) < 0) {
        return -1;
    }
    self->flows = PyMem_Malloc((flows + 1) * sizeof(double));
    self->steps = self->end = PyMem_Calloc(flows + 1, sizeof(Step));
    self->products = PyMem_Calloc((size_t)self->amount_count + 1, sizeof(Pair));
    if (self->flows == NULL || self->steps == NULL || self->products == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int32_t slot = count - 1; slot >= 0; slot--) {
        self->flows[slot] = -0.0;
        if (slot != self->root && !is_product(self, slot)) {
            plan_slot(self, slot);
        }
    }
    for (Py_ssize_t at = 0; at < self->amount_count; at++) {
        int32_t slot = (int32_t)self->slots[at];
        self->products[at] = is_product(self, slot) ? self->found.pairs[self->found.firsts[slot]]
                                                    : (Pair){slot, program->first - 1}; /* times 1 */
    }
    return 0;
}
