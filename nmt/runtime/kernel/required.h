/* Required phrases: nmt/search/required.py, number for number: a change there is a change here. */

/* A continuation that may have a place in the beam. Its bank is how many tokens of the phrases it has met, its order the one
   in which it was found, its rank that in its bank. */
struct place {
    float score;
    int64_t bank, order, rank, row, token;
};

/* How far each of up to N hypotheses has met the phrases of its sentence, R at the most. */
struct required {
    int64_t most, longest;     /* R, and the tokens of the longest phrase */
    uint8_t *met, *spare;      /* (N, R), and room for those after the step */
    int64_t *wanted;           /* (N, R): the next token of each phrase, 0 where it is met */
    float *scores;             /* (N, R): of hypotheses with these tokens */
    int64_t *sentences, *only; /* (N,): of each hypothesis' sentence, as `running` has them */
    struct ranking best;       /* of each hypothesis the K + 1 best other continuations, since one may be END */
    struct place *places;      /* room for those of one sentence */
};

/* For a search that requires phrases, of so many rows. */
static void start_required(const struct search *s, int64_t rows, struct heap *heap, struct required *r) {
    const struct phrases *p = &s->required;
    *r = (struct required){0};
    for (int64_t b = 0; b < s->source.batch; b++) r->most = larger(r->most, last_phrase(p, b) - first_phrase(p, b));
    for (int64_t i = 0; i < p->first[s->source.batch]; i++) r->longest = larger(r->longest, phrase_length(p, i));
    int64_t size = rows * r->most, count = s->beam + 1;
    r->met = NEW(heap, uint8_t, size), r->spare = NEW(heap, uint8_t, size);
    r->wanted = NEW(heap, int64_t, size), r->scores = NEW(heap, float, size);
    r->sentences = NEW(heap, int64_t, rows), r->only = NEW(heap, int64_t, rows);
    r->best = (struct ranking){.first = s->end, .count = count, .best = NEW(heap, float, rows *count),
                               .rows = NEW(heap, int64_t, rows *count), .tokens = NEW(heap, int64_t, rows *count)};
    r->places = NEW(heap, struct place, s->beam *(r->most + count));
    if (!heap->missing) memset(r->met, 0, size);
}

/* How many tokens of a phrase, but not all, the last ones before `end` are, of `count`. */
static int64_t begun_tokens(const int64_t *phrase, int64_t length, const int64_t *end, int64_t count) {
    for (int64_t size = smaller(length - 1, count); size > 0; size--)
        if (end[-1] == phrase[size - 1] && same_tokens(end - size, phrase, size)) return size;
    return 0;
}

static int is_met(const int64_t *phrase, int64_t length, const int64_t *end, int64_t count) {
    return length <= count && end[-1] == phrase[length - 1] && same_tokens(end - length, phrase, length);
}

/* Reads as many of a row's last tokens as a phrase may have before its last one; returns their number. */
static int64_t read_recent(const struct history *h, int64_t row) {
    int64_t count = smaller(h->required->longest - 1, h->step - 1);
    read_tokens(h, row, count);
    return count;
}

/* What each row wants, before its next token. */
static void want_tokens(const struct history *h) {
    struct required *r = h->required;
    const struct running *running = h->running;
    const struct phrases *p = &h->search->required;
    for (int64_t row = 0; row < running->count * running->beam; row++) {
        int64_t b = row / running->beam, sentence = running->sentences[b], first = first_phrase(p, sentence);
        int64_t count = read_recent(h, row), own = last_phrase(p, sentence) - first;
        r->sentences[row] = sentence, r->only[row] = running->only[b];
        for (int64_t i = 0; i < r->most; i++) {
            int64_t place = row * r->most + i, open = i < own && !r->met[place];
            r->scores[place] = -INFINITY;
            r->wanted[place] = 0;
            if (!open) continue;
            const int64_t *phrase = phrase_tokens(p, first + i);
            r->wanted[place] = phrase[begun_tokens(phrase, phrase_length(p, first + i), h->tokens + count, count)];
        }
    }
}

/* Takes the tokens that a row wants out of its scores, with the score of the hypothesis that each would make, as `rank` does. */
static void set_aside(struct required *r, int64_t row, int64_t only, const struct row_scores *scores, float total,
                      float score) {
    for (int64_t i = row * r->most; i < (row + 1) * r->most; i++) {
        if (!r->wanted[i]) continue;
        float *own = score_of(scores, r->wanted[i]); /* minus infinity where another phrase has wanted it */
        r->scores[i] = only && only != r->wanted[i] ? -INFINITY : *own - total + score;
        *own = -INFINITY;
    }
}

/* Tokens that cannot come next are left out of a row's scores: those that are banned, unless only one may come, and those
   that are asked for, which are ranked apart. */
static void constrain(const struct history *h, int64_t row, int64_t only, const struct row_scores *scores, float total,
                      float score) {
    struct row_scores own = *scores;
    if (h->required) own.wanted = h->required->wanted + row * h->required->most, own.wanted_count = h->required->most;
    if (!only) forbid(h, row, &own);
    if (h->required) set_aside(h->required, row, only, &own, total, score);
}

/* How many tokens of the phrases a row has met, when these are its last ones before `end`; `all` are all of its sentence. */
static int64_t bank_of(const struct history *h, int64_t row, int64_t sentence, const int64_t *end, int64_t count, int64_t *all) {
    const struct phrases *p = &h->search->required;
    const uint8_t *met = h->required->met + row * h->required->most;
    int64_t bank = 0, begun = 0;
    *all = 0;
    for (int64_t phrase = first_phrase(p, sentence); phrase < last_phrase(p, sentence); phrase++) {
        const int64_t *own = phrase_tokens(p, phrase);
        int64_t length = phrase_length(p, phrase);
        *all += length;
        if (met[phrase - first_phrase(p, sentence)] || is_met(own, length, end, count)) bank += length;
        else begun = larger(begun, begun_tokens(own, length, end, count));
    }
    return bank + begun;
}

/* Adds a continuation to the `found` places of a sentence, if the rest of its phrases still fits after it; returns their
   number. The row's last `count` tokens are read. */
static int64_t add_place(const struct history *h, int64_t found, int64_t sentence, int64_t row, int64_t token, float score,
                         int64_t count) {
    const struct search *s = h->search;
    if (!(score > -INFINITY)) return found;
    int64_t all;
    h->tokens[count] = token;
    int64_t bank = bank_of(h, row, sentence, h->tokens + count + 1, count + 1, &all), left = all - bank;
    if (token == s->end ? left : left >= s->limits[sentence] - h->step) return found;
    h->required->places[found] = (struct place){.score = score, .bank = bank, .order = found, .row = row, .token = token};
    return found + 1;
}

/* Fullest bank first, in it the best first, the first of equals first. */
static int by_bank(const void *one, const void *other) {
    const struct place *a = one, *b = other;
    if (a->bank != b->bank) return a->bank > b->bank ? -1 : 1;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int by_rank(const void *one, const void *other) {
    const struct place *a = one, *b = other;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return a->bank > b->bank ? -1 : 1;
}

/* The first continuations of each running sentence in the order of places in the beam, which go to the banks in turn, out of
   the rows' best ones and wanted ones. Where there are too few the rest is token 0 with minus infinity. */
static void rank_banks(const struct history *h, const struct ranking *into) {
    const struct required *r = h->required;
    const struct running *running = h->running;
    for (int64_t b = 0; b < running->count; b++) {
        int64_t found = 0;
        for (int64_t row = b * running->beam; row < (b + 1) * running->beam; row++) {
            if (running->scores[row] == -INFINITY) continue;
            int64_t count = read_recent(h, row);
            for (int64_t i = row * r->most; i < (row + 1) * r->most; i++)
                found = add_place(h, found, running->sentences[b], row, r->wanted[i], r->scores[i], count);
            for (int64_t i = row * r->best.count; i < (row + 1) * r->best.count; i++)
                found = add_place(h, found, running->sentences[b], row, r->best.tokens[i], r->best.best[i], count);
        }
        qsort(r->places, (size_t)found, sizeof *r->places, by_bank);
        for (int64_t i = 1; i < found; i++)
            r->places[i].rank = r->places[i].bank == r->places[i - 1].bank ? r->places[i - 1].rank + 1 : 0;
        qsort(r->places, (size_t)found, sizeof *r->places, by_rank);
        for (int64_t i = 0; i < into->count; i++) {
            struct place place = i < found ? r->places[i] : (struct place){.score = -INFINITY, .row = b * running->beam};
            int64_t to = b * into->count + i;
            into->best[to] = place.score, into->rows[to] = place.row, into->tokens[to] = place.token;
        }
    }
}

/* After a step, whose rows are now those of `running`: which phrases each has met. */
static void advance_required(const struct history *h, const struct past *past, int64_t rows) {
    struct required *r = h->required;
    const struct phrases *p = &h->search->required;
    if (!r) return;
    for (int64_t row = 0; row < rows; row++) {
        int64_t sentence = h->running->sentences[row / h->search->beam], first = first_phrase(p, sentence);
        int64_t count = read_recent(h, past->parents[row]);
        h->tokens[count++] = past->tokens[row];
        for (int64_t i = first; i < last_phrase(p, sentence); i++)
            r->spare[row * r->most + i - first] =
                r->met[past->parents[row] * r->most + i - first] ||
                is_met(phrase_tokens(p, i), phrase_length(p, i), h->tokens + count, count);
    }
    uint8_t *made = r->spare;
    r->spare = r->met, r->met = made;
}
