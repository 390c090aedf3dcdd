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

void run_forward(const Program *self) {
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

void run_backward(const Program *self, double seed, int32_t root, const uint8_t *mask) {
    const double *data = self->data;
    double *totals = self->totals;
    for (int32_t slot = 0; slot < self->first + self->size; slot++) {
        totals[slot] = -0.0;
    }
    totals[root] = seed;
    for (int32_t index = self->size - 1; index >= 0; index--) {
        Instruction now = self->code[index];
        double upstream = totals[self->first + index];
        if (!now.posts || (mask && !mask[index])) {
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
