/* The plan of rows: the steps of the forward and of the backward pass over a block of rows, with a place for each number.
 *
 * The gradient of a slot is a chain of products like a forward one: all its contributions, in the order of the sweep.
 * A source that only one product posts to needs no block for its gradient, just the sum over the rows: such sums are
 * lanes of a panel. Units of a layer read the same numbers, and share the panel.
 */

#include "native.h"

#define SEARCHED 32 /* so many are searched for a panel */
#define WAITING 8   /* at least as many as vectors in a block */

typedef struct {
    Rows *rows;
    const uint8_t *varies, *kept;
    Contributions found;
    int32_t blocks, pairs, factors, steps, columns, lanes, turns, one;
    int32_t panels[SEARCHED]; /* the steps of the latest panels */
    Step waiting[WAITING]; /* steps of the same panel, which may be added as one */
    int32_t waits;
} Plan;

/* Return a product: a block comes before a number that all rows share, and the number 1 before another one, as a block. */
static Pair pair_of(const Plan *plan, int32_t left, int32_t right) {
    int32_t one = ~plan->one;
    Pair pair = left < 0 ? (Pair){right, left} : (Pair){left, right};
    if (pair.left < 0 && pair.right == one) {
        pair = (Pair){one, pair.left};
    }
    return pair.left == one ? (Pair){plan->rows->ones, pair.right} : pair;
}

/* Say whether the number of a slot is a sum of products. */
static int is_sum(const Program *program, int32_t slot) {
    int32_t code = slot < program->first ? 0 : program->code[slot - program->first].code;
    return slot >= program->first && (code == WEIGHTED_SUM || code == MULTIPLY);
}

/* Give blocks to the numbers that differ by row, and to the gradients that are needed for each row. A chain reads numbers
 * of one kind, sums or others, and these stand side by side: a cache has few places for addresses at regular distances. */
static void place_numbers(Plan *plan, const uint8_t *differs) {
    Rows *rows = plan->rows;
    for (int kind = 0; kind < 2; kind++) {
        for (int32_t slot = 0; slot < rows->program->first + rows->program->size; slot++) {
            if (is_sum(rows->program, slot) == kind) {
                rows->places[slot] = differs[slot] ? plan->blocks++ : ~slot;
            }
        }
    }
}

static Step *next_step(Plan *plan, int32_t code, int32_t result, int32_t x, int32_t y) {
    Step *step = plan->rows->steps + plan->steps++;
    *step = (Step){code, -1, result, x, y, 0, 0};
    return step;
}

/* Return where the blocks of the pairs from `first` on stand among the factors; the units of a layer share them. */
static int32_t factors_of(Plan *plan, int32_t first) {
    Rows *rows = plan->rows;
    int32_t length = plan->pairs - first, added = plan->factors, before = added - length;
    for (int32_t at = first; at < plan->pairs; at++) {
        rows->factors[plan->factors++] = rows->pairs[at].left;
    }
    if (before < 0 || memcmp(rows->factors + before, rows->factors + added, length * sizeof(int32_t))) {
        return added;
    }
    plan->factors = added;
    return before;
}

/* Plan the sum of the pairs from `first` on. */
static void plan_chain(Plan *plan, int32_t result, int32_t first) {
    int is_weighed = 1;
    for (int32_t at = first; at < plan->pairs; at++) {
        is_weighed &= plan->rows->pairs[at].left >= 0 && plan->rows->pairs[at].right < 0;
    }
    Step *step = next_step(plan, is_weighed ? WEIGH : CHAIN, result, first, plan->pairs);
    if (is_weighed) {
        step->z = factors_of(plan, first);
    }
}

static void plan_forward_pass(Plan *plan) {
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
        if (!products_of(program, index, &products)) {
            next_step(plan, now->code, result, places[now->left], places[now->right < 0 ? now->left : now->right]);
            continue;
        }
        int32_t first = plan->pairs;
        for (const Pair *term = products.first; term < products.end; term++) {
            rows->pairs[plan->pairs++] = pair_of(plan, places[term->left], places[term->right]);
        }
        plan_chain(plan, result, first);
    }
}

/* Say whether only one product contributes to the gradient of a source, and only to its sum over the rows. */
static int is_lane(const Plan *plan, int32_t slot) {
    const Contributions *found = &plan->found;
    const Rows *rows = plan->rows;
    return !plan->kept[slot] && found->counts[slot] == 1 && slot != rows->root &&
           found->pairs[found->firsts[slot]].left < rows->program->first + rows->program->size;
}

/* Return the step that makes a panel of the same columns, NULL if there is none: units of a layer read the same ones. */
static const Step *find_panel(const Plan *plan, int32_t first, int32_t length) {
    const Rows *rows = plan->rows;
    for (int32_t panel = plan->turns; panel > 0 && panel > plan->turns - SEARCHED; panel--) {
        const Step *turn = rows->steps + plan->panels[(panel - 1) % SEARCHED];
        if (turn->y - turn->x == length &&
            !memcmp(rows->columns + turn->x, rows->columns + first, length * sizeof(int32_t))) {
            return turn;
        }
    }
    return NULL;
}

/* Add the steps that wait: as one if `together`. */
static void flush_panels(Plan *plan, int together) {
    Rows *rows = plan->rows;
    if (together) {
        Step *step = rows->steps + plan->steps++;
        *step = plan->waiting[0];
        step->code = PANELS;
        step->upstream = plan->factors;
        for (int32_t unit = 0; unit < plan->waits; unit++) {
            rows->factors[plan->factors++] = plan->waiting[unit].upstream;
        }
    } else {
        memcpy(rows->steps + plan->steps, plan->waiting, plan->waits * sizeof(Step));
        plan->steps += plan->waits;
    }
    plan->waits = 0;
}

/* Plan a step of a panel. The sums of a narrow panel wait for each other, so those of several units are added at once. */
static void add_panel(Plan *plan, Step step) {
    int32_t length = step.y - step.x, units = plan->rows->width->block / length;
    const Step *latest = plan->waiting + plan->waits - 1;
    if (plan->waits > 0 && (latest->x != step.x || latest->y != step.y || latest->result + length != step.result)) {
        flush_panels(plan, 0);
    }
    plan->waiting[plan->waits++] = step;
    if (plan->waits >= units) {
        flush_panels(plan, units > 1);
    }
}

/* Plan the sums over the rows of a number times the columns that were added last; `first` is the first of them. */
static void plan_panel(Plan *plan, int32_t upstream, int32_t first) {
    Rows *rows = plan->rows;
    int32_t width = rows->width->width, length;
    if (plan->columns == first) {
        return;
    }
    while ((plan->columns - first) % width) {
        rows->columns[plan->columns++] = rows->ones;
        rows->receivers[plan->lanes++] = -1;
    }
    length = plan->columns - first;
    const Step *turned = find_panel(plan, first, length);
    if (turned == NULL) {
        plan->panels[plan->turns++ % SEARCHED] = plan->steps;
        turned = next_step(plan, TURN, 0, first, plan->columns);
    } else {
        plan->columns = first;
    }
    add_panel(plan, (Step){PANEL, -1, plan->lanes - length, turned->x, turned->y, 0, upstream});
}

/* Plan the flow of an operation to one operand: a block of its own, or the total if it is the only contribution. */
static int32_t plan_flow(Plan *plan, int32_t flow, int32_t total) {
    Rows *rows = plan->rows;
    const Program *program = rows->program;
    int32_t posted = flow - program->first - program->size, index = posted >> 1, slot = program->first + index;
    const Instruction *now = program->code + index;
    int32_t x = rows->places[now->left], y = now->right < 0 ? x : rows->places[now->right];
    int32_t block = total < 0 ? plan->blocks++ : total;
    Step *step = next_step(plan, now->code, block, x, y);
    step->side = posted & 1;
    step->z = rows->places[slot];
    step->upstream = rows->totals[slot];
    return block;
}

/* Plan the gradient of a slot for each row: the sum of its contributions. */
static void plan_total(Plan *plan, int32_t slot) {
    Rows *rows = plan->rows;
    int32_t total = rows->totals[slot], slots = rows->program->first + rows->program->size, first = plan->pairs;
    const Pair *pair = plan->found.pairs + plan->found.firsts[slot], *end = pair + plan->found.counts[slot];
    if (slot == rows->root) {
        rows->pairs[plan->pairs++] = pair_of(plan, ~plan->one, ~plan->one);
    } else if (end - pair == 1 && pair->left >= slots) {
        plan_flow(plan, pair->left, total);
        return;
    }
    for (; pair < end; pair++) {
        int32_t flow = pair->left < slots ? rows->totals[pair->left] : plan_flow(plan, pair->left, -1);
        rows->pairs[plan->pairs++] = pair_of(plan, flow, rows->places[pair->right]);
    }
    if (plan->pairs > first) {
        plan_chain(plan, total, first);
    }
}

/* Plan what an instruction adds to sums over the rows. */
static void plan_lanes(Plan *plan, int32_t index) {
    Rows *rows = plan->rows;
    int32_t first = plan->columns;
    Products products;
    if (!plan->varies[rows->program->first + index] || !products_of(rows->program, index, &products)) {
        return;
    }
    for (const Pair *term = products.first; term < products.end; term++) {
        int32_t sides[3] = {term->left, term->right, term->left};
        for (int side = 0; side < 2; side++) {
            if (is_lane(plan, sides[side])) {
                rows->columns[plan->columns++] = rows->places[sides[side + 1]];
                rows->receivers[plan->lanes++] = sides[side];
            }
        }
    }
    plan_panel(plan, rows->totals[rows->program->first + index], first);
}

static void plan_backward_pass(Plan *plan) {
    Rows *rows = plan->rows;
    const Program *program = rows->program;
    int32_t count = program->first + program->size;
    for (int kind = 0; kind < 2; kind++) {
        for (int32_t slot = 0; slot < count; slot++) {
            if (is_sum(program, slot) == kind) {
                rows->totals[slot] = plan->varies[slot] && !is_lane(plan, slot) ? plan->blocks++ : -1;
            }
        }
    }
    for (int32_t slot = count - 1; slot >= 0; slot--) {
        if (rows->totals[slot] >= 0) {
            plan_total(plan, slot);
        }
        if (slot >= program->first) {
            plan_lanes(plan, slot - program->first);
        }
    }
    int32_t first = plan->columns;
    for (int32_t slot = rows->inputs; slot < program->first; slot++) {
        if (rows->totals[slot] >= 0) {
            rows->columns[plan->columns++] = rows->totals[slot];
            rows->receivers[plan->lanes++] = slot;
        }
    }
    plan_panel(plan, rows->ones, first);
    flush_panels(plan, 0);
}

/* Get memory for the numbers: blocks, a panel, lanes, weights. Totals without contributions stay -0.0. */
static int reserve(Rows *rows, const Plan *plan) {
    size_t block = (size_t)rows->width->block, numbers = (size_t)plan->blocks * block;
    size_t panel = (size_t)plan->columns * block, lanes = (size_t)plan->lanes;
    rows->memory = PyMem_Calloc(numbers + panel + lanes + (size_t)plan->pairs + 8, sizeof(double));
    if (rows->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    rows->blocks = (double *)(((uintptr_t)rows->memory + 63) & ~(uintptr_t)63); /* whole lines of the cache */
    rows->panels = rows->blocks + numbers;
    rows->lanes = rows->panels + panel;
    rows->weights = rows->lanes + lanes;
    rows->lane_count = plan->lanes;
    rows->pair_count = plan->pairs;
    for (size_t at = 0; at < numbers + panel; at++) {
        rows->blocks[at] = -0.0;
    }
    for (size_t at = 0; at < block; at++) {
        rows->blocks[(size_t)rows->ones * block + at] = 1.0;
    }
    return 0;
}

int plan_rows(Rows *rows, const uint8_t *differs, const uint8_t *varies, const uint8_t *kept) {
    const Program *program = rows->program;
    size_t count = (size_t)program->first + program->size, terms = (size_t)program->term_count + program->size;
    size_t columns = 2 * terms + count + 8 * ((size_t)program->size + 1); /* lists are filled up to whole vectors */
    Plan plan = {.rows = rows, .varies = varies, .kept = kept, .one = program->first - 1};
    rows->places = PyMem_Calloc(count + 1, sizeof(int32_t));
    rows->totals = PyMem_Calloc(count + 1, sizeof(int32_t));
    rows->pairs = PyMem_Calloc(3 * terms + 2 * count + 1, sizeof(Pair));
    rows->factors = PyMem_Calloc(3 * terms + 3 * count + 2, sizeof(int32_t));
    rows->steps = PyMem_Calloc(6 * count + 2, sizeof(Step));
    rows->columns = PyMem_Calloc(columns, sizeof(int32_t));
    rows->receivers = PyMem_Calloc(columns, sizeof(int32_t));
    if (!rows->places || !rows->totals || !rows->pairs || !rows->factors || !rows->steps || !rows->columns ||
        !rows->receivers) {
        PyErr_NoMemory();
        return -1;
    }
    int failed = find_contributions(program, varies, &plan.found) < 0;
    if (!failed) {
        rows->ones = plan.blocks++;
        place_numbers(&plan, differs);
        plan_forward_pass(&plan);
        rows->turn = plan.steps;
        plan_backward_pass(&plan);
        rows->end = plan.steps;
        failed = reserve(rows, &plan) < 0;
    }
    free_contributions(&plan.found);
    return failed ? -1 : 0;
}
