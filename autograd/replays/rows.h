/* A program on a block of rows, for one width of vectors. `native.c` includes this file once for each width.
 *
 * Before that it defines WIDTH, how many doubles a vector has, and NAME, which gives each function its own name. The
 * lanes of a vector are rows, so every row has the bits of a single run. Sums over the rows are added in their order.
 */

#if WIDTH > 1
typedef double NAME(Vector) __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
#else
typedef double NAME(Vector);
#endif
#define VECTOR NAME(Vector)
#define VECTORS 8 /* in a block: their sums fit into the registers */
#define BLOCK (WIDTH * VECTORS)
#define EACH_VECTOR for (int v = 0; v < VECTORS; v++)
#define EACH_ROW for (int i = 0; i < BLOCK; i++)

static void NAME(apply)(int code, double *restrict z, const double *x, const double *y) {
    switch (code) {
#define UNARY(code, value, dx) case code: EACH_ROW z[i] = (value); break;
#define BINARY(code, value, dx, dy) case code: EACH_ROW z[i] = (value); break;
#define X x[i]
#define Y y[i]
#define Z z[i]
        OPERATIONS
#undef UNARY
#undef BINARY
    }
}

/* Write upstream times a local derivative; `side` is 0 for the left operand, 1 for the right. */
static void NAME(contribute)(
    int code, int side, double *restrict q, const double *u, const double *z, const double *x, const double *y
) {
    switch (2 * code + side) {
#define UNARY(code, value, dx) case 2 * code: EACH_ROW q[i] = u[i] * (dx); break;
#define BINARY(code, value, dx, dy) \
    case 2 * code: EACH_ROW q[i] = u[i] * (dx); break; \
    case 2 * code + 1: EACH_ROW q[i] = u[i] * (dy); break;
        OPERATIONS
#undef UNARY
#undef BINARY
#undef X
#undef Y
#undef Z
    }
}

/* Return the numbers of a slot in this block; a number that all rows share is written into `copies` first. */
INLINE const double *NAME(numbers)(const Rows *self, int32_t slot, double *copies) {
    if (self->data_place[slot] >= 0) {
        return self->data + (int64_t)self->data_place[slot] * BLOCK;
    }
    double shared = self->program->data[slot];
    EACH_ROW copies[i] = shared;
    return copies;
}

/* Set, or with `add` increase, the totals by a term of a weighted sum. */
INLINE void NAME(term)(const Rows *self, Term term, VECTOR *total, int add) {
    int shared_first = self->data_place[term.factor] < 0;
    int32_t differs = shared_first ? term.other : term.factor, by = shared_first ? term.factor : term.other;
    double copies[BLOCK];
    const VECTOR *x = (const VECTOR *)NAME(numbers)(self, differs, copies);
    if (self->data_place[by] >= 0) {
        const VECTOR *y = (const VECTOR *)(self->data + (int64_t)self->data_place[by] * BLOCK);
        EACH_VECTOR total[v] = add ? total[v] + x[v] * y[v] : x[v] * y[v];
        return;
    }
    double weight = self->program->data[by];
    EACH_VECTOR total[v] = add ? total[v] + x[v] * weight : x[v] * weight;
}

INLINE void NAME(weighted_sum)(const Rows *self, Instruction instruction, double *z) {
    VECTOR total[VECTORS];
    NAME(term)(self, self->program->terms[instruction.left], total, 0);
    for (int32_t term = instruction.left + 1; term < instruction.right; term++) {
        NAME(term)(self, self->program->terms[term], total, 1);
    }
    EACH_VECTOR ((VECTOR *)z)[v] = total[v];
}

static void NAME(forward)(const Rows *self) {
    const Program *program = self->program;
    double left[BLOCK], right[BLOCK];
    for (int32_t index = 0; index < program->size; index++) {
        int32_t place = self->data_place[program->first + index];
        if (place < 0) {
            continue;
        }
        Instruction instruction = program->code[index];
        double *z = self->data + (int64_t)place * BLOCK;
        if (instruction.code == WEIGHTED_SUM) {
            NAME(weighted_sum)(self, instruction, z);
        } else {
            const double *x = NAME(numbers)(self, instruction.left, left);
            const double *y = instruction.right < 0 ? x : NAME(numbers)(self, instruction.right, right);
            NAME(apply)(instruction.code, z, x, y);
        }
    }
}

/* Add a contribution of every row to a slot: to its block, or in the order of the rows to its sum. */
INLINE void NAME(post)(const Rows *self, int32_t slot, const VECTOR *q, int count) {
    int32_t place = self->total_place[slot];
    if (place >= 0) {
        VECTOR *totals = (VECTOR *)(self->totals + (int64_t)place * BLOCK);
        EACH_VECTOR totals[v] += q[v];
        return;
    }
    const double *numbers = (const double *)q;
    double sum = self->sums[slot];
    for (int i = 0; i < count; i++) {
        sum += numbers[i];
    }
    self->sums[slot] = sum;
}

INLINE void NAME(post_product)(const Rows *self, int32_t slot, const VECTOR *upstream, int32_t by, int count) {
    if (!self->varies[slot]) {
        return;
    }
    VECTOR q[VECTORS];
    if (self->data_place[by] < 0) {
        double weight = self->program->data[by];
        if (self->total_place[slot] >= 0) {
            VECTOR *totals = (VECTOR *)(self->totals + (int64_t)self->total_place[slot] * BLOCK);
            EACH_VECTOR totals[v] += upstream[v] * weight;
            return;
        }
        EACH_VECTOR q[v] = upstream[v] * weight;
    } else {
        const VECTOR *x = (const VECTOR *)(self->data + (int64_t)self->data_place[by] * BLOCK);
        EACH_VECTOR q[v] = upstream[v] * x[v];
    }
    NAME(post)(self, slot, q, count);
}

/* Compute the gradients of the first `count` rows of the block. */
static void NAME(backward)(const Rows *self, int count) {
    const Program *program = self->program;
    double left[BLOCK], right[BLOCK], result[BLOCK];
    VECTOR q[VECTORS];
    for (int64_t i = 0; i < (int64_t)self->total_blocks * BLOCK; i++) {
        self->totals[i] = -0.0;
    }
    if (self->varies[program->root]) {
        EACH_ROW ((double *)q)[i] = 1.0;
        NAME(post)(self, program->root, q, count);
    }
    for (int32_t index = program->size - 1; index >= 0; index--) {
        Instruction instruction = program->code[index];
        int32_t slot = program->first + index;
        if (!instruction.posts) {
            continue;
        }
        const double *u = self->totals + (int64_t)self->total_place[slot] * BLOCK;
        if (instruction.code == WEIGHTED_SUM) {
            VECTOR upstream[VECTORS];
            EACH_VECTOR upstream[v] = ((const VECTOR *)u)[v];
            for (int32_t term = instruction.right - 1; term >= instruction.left; term--) {
                Term pair = program->terms[term];
                NAME(post_product)(self, pair.factor, upstream, pair.other, count);
                NAME(post_product)(self, pair.other, upstream, pair.factor, count);
            }
            continue;
        }
        const double *x = NAME(numbers)(self, instruction.left, left);
        const double *y = instruction.right < 0 ? x : NAME(numbers)(self, instruction.right, right);
        const double *z = NAME(numbers)(self, slot, result);
        if (instruction.posts & LEFT) {
            NAME(contribute)(instruction.code, 0, (double *)q, u, z, x, y);
            NAME(post)(self, instruction.left, q, count);
        }
        if (instruction.posts & RIGHT) {
            NAME(contribute)(instruction.code, 1, (double *)q, u, z, x, y);
            NAME(post)(self, instruction.right, q, count);
        }
    }
    for (int32_t slot = 0; slot < program->first; slot++) {
        if (self->total_place[slot] < 0) {
            continue; /* its contributions are in the sum already */
        }
        const double *totals = self->totals + (int64_t)self->total_place[slot] * BLOCK;
        double sum = self->sums[slot];
        for (int i = 0; i < count; i++) {
            sum += totals[i];
        }
        self->sums[slot] = sum;
    }
}

static const Width NAME(width) = {BLOCK, NAME(forward), NAME(backward)};

#undef VECTOR
#undef VECTORS
#undef BLOCK
#undef EACH_VECTOR
#undef EACH_ROW
