/* The plan of rows: the steps of the forward and of the backward pass over a block of rows, with a place for each number.
 *
 * The gradient of a slot is a chain of products like a forward one: all its contributions, in the order of the sweep.
 * A source that only one product posts to needs no block for its gradient, just the sum over the rows: such sums are
 * lanes of a panel. Units of a layer read the same numbers, and share the panel.
 */

#include "native.h"

#define PANELS 32 /* so many are searched for a panel */

typedef struct {
    Rows *rows;
    const uint8_t *varies;
    int32_t *firsts, *rooms, *counts; /* the pairs of each slot that contribute to its gradient, room for how many */
    uint8_t *by_product;      /* 1: only one product contributes, and only to the sum */
    int32_t blocks, pairs, steps, columns, lanes, turns, one;
    int32_t panels[PANELS]; /* the steps of the latest panels */
} Plan;

/* What a product or a chain multiplies: the pairs from `first` to before `end`; `single` holds that of a product. */
typedef struct {
    const Term *first, *end;
    Term single;
} Products;

static int products_of(const Program *program, const Instruction *now, Products *found) {
    if (now->code == WEIGHTED_SUM) {
        found->first = program->terms + now->left;
        found->end = program->terms + now->right;
    } else if (now->code == MULTIPLY) {
        found->single = (Term){now->left, now->right};
        found->first = &found->single;
        found->end = found->first + 1;
    } else {
        return 0;
    }
    return 1;
}

static Pair pair_of(int32_t left, int32_t right) {
    return left < 0 ? (Pair){right, left} : (Pair){left, right}; /* a block comes before a shared number */
}

static Step *next_step(Plan *plan, int32_t code, int32_t result, int32_t x, int32_t y) {
    Step *step = plan->rows->steps + plan->steps++;
    *step = (Step){code, -1, result, x, y, 0, 0};
    return step;
}

static void plan_forward(Plan *plan) {
    Rows *rows = plan->rows;
    const Program *program = rows->program;
    const int32_t *places = rows->places;
    for (int32_t index = 0; index < program->size; index++) {
        const Instruction *now = program->code + index;
        int32_t result = places[program->first + index];
        Products products;
        if (result < 0) {
            continue; /* all rows share the number, which the last run of the program left */
        }
        if (!products_of(program, now, &products)) {
            next_step(plan, now->code, result, places[now->left], places[now->right < 0 ? now->left : now->right]);
            continue;
        }
        int32_t first = plan->pairs;
        for (const Term *term = products.first; term < products.end; term++) {
            rows->pairs[plan->pairs++] = pair_of(places[term->factor], places[term->other]);
        }
        next_step(plan, CHAIN, result, first, plan->pairs);
    }
}

/* Give each slot room for its contributions, and see which ones need no block. */
static void count_contributions(Plan *plan, const uint8_t *kept) {
    const Program *program = plan->rows->program;
    int32_t count = program->first + program->size;
    plan->rooms[program->root]++;
    for (int32_t index = 0; index < program->size; index++) {
        const Instruction *now = program->code + index;
        Products products;
        if (!now->posts) {
            continue;
        }
        if (products_of(program, now, &products)) {
            for (const Term *term = products.first; term < products.end; term++) {
                plan->by_product[term->factor] = plan->by_product[term->other] = 1;
                plan->rooms[term->factor]++;
                plan->rooms[term->other]++;
            }
            continue;
        }
        if (now->posts & LEFT) {
            plan->rooms[now->left]++;
        }
        if (now->posts & RIGHT) {
            plan->rooms[now->right]++;
        }
    }
    int32_t next = plan->pairs;
    for (int32_t slot = 0; slot < count; slot++) {
        plan->firsts[slot] = next;
        next += plan->rooms[slot];
        plan->by_product[slot] = plan->by_product[slot] && plan->varies[slot] && !kept[slot] && slot != program->root;
        plan->rows->totals[slot] = plan->varies[slot] && !plan->by_product[slot] ? plan->blocks++ : -1;
    }
    plan->pairs = next;
}

static void contribute(Plan *plan, int32_t slot, int32_t left, int32_t right) {
    plan->rows->pairs[plan->firsts[slot] + plan->counts[slot]++] = pair_of(left, right);
}

/* Return the step that makes a panel of the same columns, NULL if there is none: units of a layer read the same ones. */
static const Step *find_panel(const Plan *plan, int32_t first, int32_t length) {
    const Rows *rows = plan->rows;
    for (int32_t panel = plan->turns; panel > 0 && panel > plan->turns - PANELS; panel--) {
        const Step *turn = rows->steps + plan->panels[(panel - 1) % PANELS];
        if (turn->y - turn->x == length &&
            !memcmp(rows->columns + turn->x, rows->columns + first, length * sizeof(int32_t))) {
            return turn;
        }
    }
    return NULL;
}

/* Plan the sums over the rows of a number times the columns that were added last; `first` is the first of them. */
static void plan_panel(Plan *plan, int32_t upstream, int32_t first) {
    Rows *rows = plan->rows;
    int32_t width = rows->width->width, length;
    if (plan->columns == first) {
        return;
    }
    while ((plan->columns - first) % width) {
        rows->columns[plan->columns++] = ~plan->one;
        rows->receivers[plan->lanes++] = -1;
    }
    length = plan->columns - first;
    const Step *turned = find_panel(plan, first, length);
    if (turned == NULL) {
        plan->panels[plan->turns++ % PANELS] = plan->steps;
        turned = next_step(plan, TURN, 0, first, plan->columns);
    } else {
        plan->columns = first;
    }
    next_step(plan, PANEL, plan->lanes - length, turned->x, turned->y)->upstream = upstream;
}

static void post_product(Plan *plan, int32_t slot, int32_t upstream, int32_t by) {
    Rows *rows = plan->rows;
    if (plan->by_product[slot]) {
        rows->columns[plan->columns++] = rows->places[by];
        rows->receivers[plan->lanes++] = slot;
    } else if (plan->varies[slot]) {
        contribute(plan, slot, upstream, rows->places[by]);
    }
}

/* Plan the contribution of an operation to one operand: a block of its own, which is the total if it is the only one. */
static void post_operation(Plan *plan, const Instruction *now, int32_t index, int side) {
    Rows *rows = plan->rows;
    int32_t slot = side ? now->right : now->left, *places = rows->places;
    int is_only = plan->rooms[slot] == 1;
    int32_t block = is_only ? rows->totals[slot] : plan->blocks++;
    Step *step = next_step(plan, now->code, block, places[now->left], places[now->right < 0 ? now->left : now->right]);
    step->side = side;
    step->z = places[rows->program->first + index];
    step->upstream = rows->totals[rows->program->first + index];
    if (!is_only) {
        contribute(plan, slot, block, ~plan->one);
    }
}

static void plan_posts(Plan *plan, int32_t index) {
    const Program *program = plan->rows->program;
    const Instruction *now = program->code + index;
    int32_t upstream = plan->rows->totals[program->first + index], first = plan->columns;
    Products products;
    if (!now->posts) {
        return;
    }
    if (products_of(program, now, &products)) {
        for (const Term *term = products.end - 1; term >= products.first; term--) {
            post_product(plan, term->factor, upstream, term->other);
            post_product(plan, term->other, upstream, term->factor);
        }
        plan_panel(plan, upstream, first);
        return;
    }
    for (int side = 0; side < 2; side++) {
        if (now->posts & (side ? RIGHT : LEFT)) {
            post_operation(plan, now, index, side);
        }
    }
}

static void plan_backward(Plan *plan) {
    Rows *rows = plan->rows;
    const Program *program = rows->program;
    int32_t one = ~plan->one;
    if (plan->varies[program->root]) {
        contribute(plan, program->root, one, one);
    }
    for (int32_t slot = program->first + program->size - 1; slot >= 0; slot--) {
        int32_t first = plan->firsts[slot], total = rows->totals[slot];
        if (total >= 0 && plan->counts[slot]) {
            next_step(plan, CHAIN, total, first, first + plan->counts[slot]);
        }
        if (slot >= program->first) {
            plan_posts(plan, slot - program->first);
        }
    }
    int32_t first = plan->columns;
    for (int32_t slot = rows->inputs; slot < program->first; slot++) {
        if (rows->totals[slot] >= 0) {
            rows->columns[plan->columns++] = rows->totals[slot];
            rows->receivers[plan->lanes++] = slot;
        }
    }
    plan_panel(plan, one, first);
}

/* Get memory for the numbers: blocks, a panel, lanes. Totals without contributions stay -0.0. */
static int reserve(Rows *rows, const Plan *plan) {
    size_t block = (size_t)rows->width->block, numbers = (size_t)plan->blocks * block;
    size_t panel = (size_t)plan->columns * block, lanes = (size_t)plan->lanes;
    rows->memory = PyMem_Malloc((numbers + panel + lanes + 8) * sizeof(double));
    if (rows->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    rows->blocks = (double *)(((uintptr_t)rows->memory + 63) & ~(uintptr_t)63); /* whole lines of the cache */
    rows->panels = rows->blocks + numbers;
    rows->lanes = rows->panels + panel;
    rows->lane_count = plan->lanes;
    for (size_t at = 0; at < numbers + panel; at++) {
        rows->blocks[at] = -0.0;
    }
    return 0;
}

int plan_rows(Rows *rows, const uint8_t *differs, const uint8_t *varies, const uint8_t *kept) {
    const Program *program = rows->program;
    size_t count = (size_t)program->first + program->size, terms = (size_t)program->terms_count + program->size;
    size_t columns = 2 * terms + count + 8 * ((size_t)program->size + 1); /* lists are filled up to whole vectors */
    Plan plan = {.rows = rows, .varies = varies, .one = program->first - 1};
    rows->places = PyMem_Calloc(count + 1, sizeof(int32_t));
    rows->totals = PyMem_Calloc(count + 1, sizeof(int32_t));
    rows->pairs = PyMem_Calloc(3 * terms + 2 * count + 1, sizeof(Pair));
    rows->steps = PyMem_Calloc(6 * count + 2, sizeof(Step));
    rows->columns = PyMem_Calloc(columns, sizeof(int32_t));
    rows->receivers = PyMem_Calloc(columns, sizeof(int32_t));
    plan.firsts = PyMem_Calloc(count + 1, sizeof(int32_t));
    plan.rooms = PyMem_Calloc(count + 1, sizeof(int32_t));
    plan.counts = PyMem_Calloc(count + 1, sizeof(int32_t));
    plan.by_product = PyMem_Calloc(count + 1, 1);
    int failed = !rows->places || !rows->totals || !rows->pairs || !rows->steps || !rows->columns ||
                 !rows->receivers || !plan.firsts || !plan.rooms || !plan.counts || !plan.by_product;
    if (failed) {
        PyErr_NoMemory();
    } else {
        for (size_t slot = 0; slot < count; slot++) {
            rows->places[slot] = differs[slot] ? plan.blocks++ : ~(int32_t)slot;
        }
        plan_forward(&plan);
        rows->turn = plan.steps;
        count_contributions(&plan, kept);
        plan_backward(&plan);
        rows->end = plan.steps;
        failed = reserve(rows, &plan) < 0;
    }
    PyMem_Free(plan.firsts);
    PyMem_Free(plan.rooms);
    PyMem_Free(plan.counts);
    PyMem_Free(plan.by_product);
    return failed ? -1 : 0;
}
