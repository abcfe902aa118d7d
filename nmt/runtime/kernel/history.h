/* What hypotheses have generated, and the tokens that must not follow it. It is nmt/search/history.py, number for number: a
   change there is a change here. A step of a search that neither bans nor requires anything has no history. */

enum { LONGEST_LOOP = 8 /* tokens of the longest phrase whose repetitions are counted */ };
static const float LEAST_COVERAGE = 1e-6f; /* keeps the logarithm finite where a source token got no attention at all */

/* What a step made: the rows after it, each with its token and the row before the step that it continues; and the attention
   of the rows before it. */
struct past {
    int64_t *tokens, *parents;
    float *weights; /* (rows before, S), or NULL where nobody asks */
};

/* The sentences that are not finished, `beam` rows each (one before the first step), as the next step finds them. */
struct running {
    int64_t count, beam, *sentences, *tokens, *rows;
    float *scores;
    int64_t *only; /* the token that must come, or 0 for any */
};

/* The rows of a step, which makes token number `step` of each; `tokens` is room for those before it of one row. Coverage is
   the attention that each source token has got from these, (rows, S), where there is a penalty; `spare` is room for the next. */
struct history {
    const struct search *search;
    const struct running *running;
    const struct past *steps;
    int64_t step, *tokens;
    float *coverage, *spare;
    struct required *required; /* NULL where nothing is required */
};

/* Whether some token may be banned. */
static inline int bans(const struct search *s) {
    return s->minimums || s->no_repeat_ngram || s->max_repeats || s->forbidden.first;
}

/* The phrases of one sentence are those from `first` up to `last`. */
static inline int64_t first_phrase(const struct phrases *p, int64_t sentence) { return p->first ? p->first[sentence] : 0; }
static inline int64_t last_phrase(const struct phrases *p, int64_t sentence) { return p->first ? p->first[sentence + 1] : 0; }
static inline const int64_t *phrase_tokens(const struct phrases *p, int64_t phrase) { return p->tokens + p->starts[phrase]; }
static inline int64_t phrase_length(const struct phrases *p, int64_t phrase) {
    return p->starts[phrase + 1] - p->starts[phrase];
}

/* The token that sentence's hypotheses must have as number `step`: of its prefix, or its end; 0 where it may be any. */
static int64_t only_token(const struct search *s, int64_t sentence, int64_t step) {
    for (int64_t p = first_phrase(&s->prefix, sentence); p < last_phrase(&s->prefix, sentence); p++)
        if (step <= phrase_length(&s->prefix, p)) return phrase_tokens(&s->prefix, p)[step - 1];
    return s->limits[sentence] <= step ? s->end : 0;
}

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int same_tokens(const int64_t *a, const int64_t *b, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (a[i] != b[i]) return 0;
    return 1;
}

/* Reads the last `count` tokens of a row into the room for them, the last one last. */
static void read_tokens(const struct history *h, int64_t row, int64_t count) {
    for (int64_t step = h->step - 1; count > 0; step--) {
        h->tokens[--count] = h->steps[step].tokens[row];
        row = h->steps[step].parents[row];
    }
}

/* The scores of one row: of all tokens, or of the `count` that `list` has in ascending order; and the tokens that it wants
   for phrases. */
struct row_scores {
    const int64_t *list;
    int64_t count;
    float *scores;
    const int64_t *wanted;
    int64_t wanted_count;
};

/* The place of a token's score; NULL where the list does not have it. */
static float *score_of(const struct row_scores *s, int64_t token) {
    if (!s->list) return s->scores + token;
    int64_t low = 0, high = s->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (s->list[middle] < token) low = middle + 1;
        else high = middle;
    }
    return low < s->count && s->list[low] == token ? s->scores + low : NULL;
}

static void ban(const struct row_scores *s, int64_t token) {
    float *score = score_of(s, token);
    if (score) *score = -INFINITY;
}

static void ban_unless_wanted(const struct row_scores *s, int64_t token) {
    for (int64_t i = 0; i < s->wanted_count; i++)
        if (s->wanted[i] == token) return;
    ban(s, token);
}

/* Bans tokens that would complete an n-gram of `size` tokens that the `count` tokens have already. */
static void ban_ngrams(const struct row_scores *s, const int64_t *tokens, int64_t count, int64_t size) {
    const int64_t *last = tokens + count - size + 1;
    for (int64_t i = 0; i + size <= count; i++)
        if (same_tokens(tokens + i, last, size - 1)) ban_unless_wanted(s, tokens[i + size - 1]);
}

/* Bans tokens that would complete a phrase for the (most + 1)-th time in a row; `end` is after the last of `count` tokens. A
   phrase of p tokens that comes r times in a row is p (r - 1) tokens each equal to the one p before it. */
static void ban_loops(const struct row_scores *s, const int64_t *end, int64_t count, int64_t most) {
    for (int64_t period = 1; period <= LONGEST_LOOP; period++) {
        int64_t equal = period * most - 1;
        if (equal + period > count) return;
        if (same_tokens(end - equal, end - equal - period, equal)) ban_unless_wanted(s, end[-period]);
    }
}

/* Bans the last token of each forbidden phrase whose other tokens are the last ones before `end`, of `count`. */
static void ban_phrases(const struct row_scores *s, const int64_t *end, int64_t count, const struct phrases *p,
                        int64_t sentence) {
    for (int64_t phrase = first_phrase(p, sentence); phrase < last_phrase(p, sentence); phrase++) {
        const int64_t *own = phrase_tokens(p, phrase);
        int64_t before = phrase_length(p, phrase) - 1;
        if (before <= count && same_tokens(end - before, own, before)) ban(s, own[before]);
    }
}

/* Sets the scores of tokens that must not follow a row to minus infinity. */
static void forbid(const struct history *h, int64_t row, const struct row_scores *scores) {
    const struct search *s = h->search;
    int64_t sentence = h->running->sentences[row / h->running->beam], count = h->step - 1, needed = 0;
    for (int64_t p = first_phrase(&s->forbidden, sentence); p < last_phrase(&s->forbidden, sentence); p++)
        needed = larger(needed, phrase_length(&s->forbidden, p) - 1);
    if (s->max_repeats) needed = larger(needed, LONGEST_LOOP * (s->max_repeats + 1) - 1);
    needed = s->no_repeat_ngram ? count : smaller(needed, count);
    read_tokens(h, row, needed);
    const int64_t *end = h->tokens + needed;
    if (s->no_repeat_ngram) ban_ngrams(scores, h->tokens, count, s->no_repeat_ngram);
    if (s->max_repeats) ban_loops(scores, end, needed, s->max_repeats);
    ban_phrases(scores, end, needed, &s->forbidden, sentence);
    if (s->minimums && s->minimums[sentence] >= h->step) ban(scores, s->end);
}

/* What a hypothesis that ends now loses, never above 0: beta times the sum over source tokens of log(min(attention got, 1)),
   equation 14 of Wu et al. 2016. */
static float coverage_penalty(const struct history *h, int64_t row) {
    const struct search *s = h->search;
    if (!s->coverage_penalty) return 0.0f;
    const float *own = h->coverage + row * s->source.steps;
    int64_t length = s->source.lengths[h->running->sentences[row / h->running->beam]];
    double total = 0.0;
    for (int64_t p = 0; p < length; p++) {
        float got = own[p] < LEAST_COVERAGE ? LEAST_COVERAGE : own[p] > 1.0f ? 1.0f : own[p];
        total += log((double)got);
    }
    return (float)*s->coverage_penalty * (float)total;
}

/* Rows after a step continue `parents`, which attended to the source with these weights (rows before, S). */
static void add_coverage(struct history *h, const float *weights, const int64_t *parents, int64_t rows) {
    int64_t steps = h->search->source.steps;
    if (!h->search->coverage_penalty) return;
    for (int64_t row = 0; row < rows; row++) {
        const float *before = h->coverage + parents[row] * steps, *own = weights + parents[row] * steps;
        for (int64_t p = 0; p < steps; p++) h->spare[row * steps + p] = before[p] + own[p];
    }
    float *made = h->spare;
    h->spare = h->coverage, h->coverage = made;
}
