/* A whole search in one call: source tokens to memory, steps of the decoder, and the candidates. It is greedy and beam search
   of nmt/search (beam.py, greedy.py, trace.py), number for number: a change there is a change here. Products and cells are
   those of the chosen instruction set; what is done here is little work, and the same on all. */

enum { STEPS_AT_FIRST = 64, HYPOTHESES_BETWEEN_SIGNALS = 4096, DROPPED = -1 };

/* Room for `rows` quantised rows of up to `bytes`. */
static struct quantised quantised_rows(struct heap *heap, int64_t rows, int64_t bytes) {
    return (struct quantised){.values = NEW(heap, int8_t, WIDENED * rows * bytes), .scales = NEW(heap, float, rows),
                              .offsets = NEW(heap, int32_t, rows), .rows = NEW(heap, int64_t, rows)};
}

/* A product of rows that lie one after the other. */
static void apply(const struct plan *plan, int64_t rows, const float *x, struct quantised *q, float *out) {
    struct inputs in = {.values = {x}};
    chosen->linear(plan, rows, &in, q, out);
}

static inline int64_t state_size(const struct decoder *d) { return 2 * d->recurrent * d->units + d->readout->outputs; }

static inline int64_t layer_width(const struct encoder_layer *layer) {
    return 16 * (layer->recurrent->tiles + (layer->backward_recurrent ? layer->backward_recurrent->tiles : 0));
}

static inline int64_t encoder_width(const struct encoder *encoder) {
    return layer_width(encoder->layers + encoder->count - 1);
}

/* The mean of each sentence's states, added up one after the other in double precision. */
static void mean_states(const struct source *s, const float *states, int64_t width, float *summary) {
    for (int64_t b = 0; b < s->batch; b++, summary += width)
        for (int64_t i = 0; i < width; i++) {
            double total = 0.0;
            for (int64_t p = 0; p < s->lengths[b]; p++) total += states[(b * s->steps + p) * width + i];
            summary[i] = (float)total / (float)s->lengths[b];
        }
}

/* Each direction's last output: the forward one's at the end, the backward one's at the beginning. */
static void last_outputs(const struct source *s, const float *outputs, int64_t units, int64_t width, float *summary) {
    for (int64_t b = 0; b < s->batch; b++, summary += width) {
        const float *first = outputs + b * s->steps * width, *last = first + (s->lengths[b] - 1) * width;
        memcpy(summary, last, units * sizeof *summary);
        memcpy(summary + units, first + units, (width - units) * sizeof *summary);
    }
}

/* Encoder states (B, S, H), zero after each sentence's end, and summary (B, H). */
static void encode(const struct encoder *encoder, const struct source *s, struct heap *heap, float *states, float *summary) {
    int64_t rows = s->batch * s->steps, bytes = 0, gates_size = 0, width = 0, units = 0;
    for (int64_t i = 0; i < encoder->count; i++) {
        const struct encoder_layer *layer = encoder->layers + i;
        bytes = larger(bytes, larger(bytes_of(layer->inputs), bytes_of(layer->recurrent)));
        gates_size = larger(gates_size, layer->inputs->outputs);
        width = larger(width, layer_width(layer));
    }
    struct quantised q = quantised_rows(heap, rows, bytes);
    float *gates = NEW(heap, float, rows *gates_size), *outputs = NEW(heap, float, rows *width);
    float *below = NEW(heap, float, rows *width), *cells = NEW(heap, float, 3 * s->batch * width);
    if (heap->missing) return;
    struct inputs in = {.values = {encoder->embedding}, .index = {s->tokens}};
    for (int64_t i = 0; i < encoder->count; i++, in = (struct inputs){.values = {below}}) {
        const struct encoder_layer *layer = encoder->layers + i;
        width = layer_width(layer), units = 16 * layer->recurrent->tiles;
        memset(outputs, 0, rows * width * sizeof *outputs);
        for (int backward = 0; backward < (layer->backward_recurrent ? 2 : 1); backward++) {
            const struct plan *recurrent = backward ? layer->backward_recurrent : layer->recurrent;
            chosen->linear(backward ? layer->backward_inputs : layer->inputs, rows, &in, &q, gates);
            struct sequence seq = {.plan = recurrent, .batch = s->batch, .steps = s->steps, .lengths = s->lengths,
                                   .gates = gates, .backward = backward, .out = outputs + backward * units,
                                   .out_stride = width};
            chosen->lstm_sequence(recurrent, &seq, &q, cells);
        }
        if (encoder->residual && i)
            for (int64_t j = 0; j < rows * width; j++) below[j] += outputs[j];
        else
            memcpy(below, outputs, rows * width * sizeof *below);
    }
    memcpy(states, below, rows * width * sizeof *states);
    if (encoder->mean) mean_states(s, states, width, summary);
    else last_outputs(s, outputs, units, width, summary);
}

/* The decoder's state (its layout is in struct step) of each sentence before its first token. */
static void first_state(const struct network *n, int64_t batch, const float *summary, struct quantised *q, float *initial,
                        float *state) {
    const struct decoder *d = n->decoder;
    int64_t size = batch * d->units;
    memset(state, 0, batch * state_size(d) * sizeof *state);
    if (!n->initial) return;
    apply(n->initial, batch, summary, q, initial); /* (B, layers, H) */
    for (int64_t i = 0; i < d->recurrent; i++)
        for (int64_t b = 0; b < batch; b++) {
            const float *own = initial + (b * d->recurrent + i) * d->units;
            float *hidden = state + 2 * i * size + b * d->units;
            memcpy(hidden, own, d->units * sizeof *hidden);
            if (d->layers[i].kind == SSRU) memcpy(hidden + size, own, d->units * sizeof *hidden);
        }
}

/* What the decoder starts with: encoder states, keys and values of them where the network has a matrix for these, and the
   state before the first token. */
static void start(const struct network *n, const struct source *s, struct heap *heap, float *states, float *keys,
                  float *values, float *state) {
    int64_t rows = s->batch * s->steps, bytes = 0;
    const struct plan *plans[] = {n->keys, n->values, n->initial};
    for (int i = 0; i < 3; i++)
        if (plans[i]) bytes = larger(bytes, bytes_of(plans[i]));
    struct quantised q = quantised_rows(heap, rows, bytes);
    float *summary = NEW(heap, float, s->batch *encoder_width(n->encoder));
    float *initial = NEW(heap, float, s->batch *n->decoder->recurrent *n->decoder->units);
    if (heap->missing) return;
    encode(n->encoder, s, heap, states, summary);
    if (heap->missing) return;
    if (n->keys) apply(n->keys, rows, states, &q, keys);
    if (n->values) apply(n->values, rows, states, &q, values);
    first_state(n, s->batch, summary, &q, initial, state);
}

/* What the decoder attends to, in the heap; and its state before the first token. */
static struct memory remember(const struct network *n, const struct source *source, struct heap *heap, float *state) {
    int64_t size = source->batch * source->steps, hidden = encoder_width(n->encoder);
    struct memory memory = {.lengths = source->lengths, .steps = source->steps,
                            .key_size = n->keys ? n->keys->outputs : hidden,
                            .value_size = n->values ? n->values->outputs : hidden};
    float *states = NEW(heap, float, size *hidden), *keys = states, *values = states;
    if (n->keys) keys = NEW(heap, float, size *memory.key_size);
    if (n->values) values = NEW(heap, float, size *memory.value_size);
    if (heap->missing) return memory;
    struct heap passing = {0};
    start(n, source, &passing, states, keys, values, state);
    release(&passing);
    heap->missing |= passing.missing;
    memory.keys = keys, memory.values = values;
    return memory;
}

/* Room for a step of so many rows: bytes of a quantised row, and floats. */
static int64_t step_bytes(const struct decoder *d, const struct plan *output) {
    int64_t bytes = larger(bytes_of(d->readout), bytes_of(output));
    for (int64_t i = 0; i < d->count; i++) bytes = larger(bytes, bytes_of(d->layers[i].plan));
    return bytes;
}

static int64_t step_floats(const struct decoder *d, const struct memory *m, int64_t rows) {
    return rows * (4 * d->units + m->key_size + m->value_size) + m->steps;
}

/* The tokens that each sentence may need, (B, L), in ascending order, then token 0 up to L, a multiple of 16; their
   scales, and biases, which are minus infinity after a sentence's own. `counts` are the own. */
struct lists {
    int64_t *tokens, *counts, length;
    float *scale, *bias;
};

static inline int64_t id_at(const struct shortlist *l, const void *ids, int64_t place) {
    return l->id_size == 2 ? ((const uint16_t *)ids)[place] : ((const int32_t *)ids)[place];
}

static inline int64_t longest_list(const struct shortlist *l, const struct source *s) {
    int64_t most = l->common_count + s->steps * l->translation_count;
    most = most < l->vocabulary ? most : l->vocabulary;
    return (most + PLACES - 1) / PLACES * PLACES;
}

/* Into `lists`, whose arrays have room for B times the longest list that there may be. */
static void list_tokens(const struct shortlist *l, const struct source *s, struct heap *heap, struct lists *lists) {
    int64_t words = (l->vocabulary + 63) / 64, longest = longest_list(l, s);
    uint64_t *marks = NEW(heap, uint64_t, words); /* a bit of each token */
    if (heap->missing) return;
    lists->length = 0;
    for (int64_t b = 0; b < s->batch; b++) {
        memset(marks, 0, words * sizeof *marks);
        for (int64_t i = 0; i < l->common_count; i++) {
            int64_t id = id_at(l, l->common, i);
            marks[id / 64] |= (uint64_t)1 << id % 64;
        }
        for (int64_t p = 0; p < s->lengths[b]; p++)
            for (int64_t i = 0; i < l->translation_count; i++) {
                int64_t id = id_at(l, l->translations, s->tokens[b * s->steps + p] * l->translation_count + i);
                marks[id / 64] |= (uint64_t)1 << id % 64;
            }
        int64_t count = 0, *own = lists->tokens + b * longest;
        for (int64_t word = 0; word < words; word++)
            for (uint64_t left = marks[word]; left; left &= left - 1) own[count++] = 64 * word + __builtin_ctzll(left);
        lists->counts[b] = count;
        lists->length = larger(lists->length, (count + PLACES - 1) / PLACES * PLACES);
    }
    for (int64_t b = 0; b < s->batch; b++) {
        int64_t *own = lists->tokens + b * lists->length;
        memmove(own, lists->tokens + b * longest, lists->counts[b] * sizeof *own);
        for (int64_t i = 0; i < lists->length; i++) {
            int real = i < lists->counts[b];
            if (!real) own[i] = 0;
            lists->scale[b * lists->length + i] = l->scale[own[i]];
            lists->bias[b * lists->length + i] = real ? l->bias[own[i]] : -INFINITY;
        }
    }
}

/* A finished hypothesis: END followed row `row` of those that were there after `step` steps. */
struct finished {
    float score, log_probability;
    int64_t step, row;
};

/* The result of a search: of each sentence so many finished hypotheses or DROPPED, best first, in (B, K) places; and what the
   steps made, from 1 on. */
struct found {
    struct finished *hypotheses;
    int64_t *counts;
    struct past *steps;
};

/* Puts a hypothesis into a pool of at most `room`, best first, the first of equals first. */
static void add_finished(struct finished *pool, int64_t *count, int64_t room, struct finished one) {
    int64_t place = *count;
    for (; place > 0 && one.score > pool[place - 1].score; place--)
        if (place < room) pool[place] = pool[place - 1];
    if (place >= room) return;
    pool[place] = one;
    *count += *count < room;
}

/* Beam search's step for the sentence at place b: ends go to its pool, and the K best others are what it goes on with, at
   `next` of the arrays. Returns whether nothing that goes on can change the n best of the pool. */
static int advance_beam(const struct search *s, const struct ranking *r, const struct history *h, int64_t b, int64_t sentence,
                        struct found *found, struct past *past, float *scores, int64_t next) {
    struct finished *pool = found->hypotheses + sentence * s->beam;
    int64_t *count = found->counts + sentence, going = 0;
    float most = -INFINITY;
    const float *best = r->best + b * r->count;
    const int64_t *rows = r->rows + b * r->count, *tokens = r->tokens + b * r->count;
    for (int64_t i = 0; i < r->count; i++) {
        if (tokens[i] != s->end) {
            if (going == s->beam) continue;
            past->tokens[next + going] = tokens[i], past->parents[next + going] = rows[i], scores[next + going] = best[i];
            most = best[i] > most ? best[i] : most; /* the first one, but where places go to banks */
            going++;
        } else if (i < s->beam) {
            float score = best[i] / (float)s->divisors[h->step] + coverage_penalty(h, rows[i]);
            add_finished(pool, count, s->beam, (struct finished){score, best[i], h->step - 1, rows[i]});
        }
    }
    float least = *count >= s->n_best ? pool[s->n_best - 1].score : -INFINITY;
    return least >= most / (float)s->divisors[s->limits[sentence]];
}

/* Greedy search's step, likewise. */
static int advance_greedy(const struct search *s, const struct ranking *r, const struct history *h, int64_t b, int64_t sentence,
                          struct found *found, struct past *past, float *scores, int64_t next) {
    float before = h->running->scores[b];
    past->tokens[next] = r->tokens[b], past->parents[next] = r->rows[b], scores[next] = before + r->best[b];
    int none = bans(s) && r->best[b] == -INFINITY; /* of equal tokens, step by step, the first is taken: END */
    if (r->tokens[b] != s->end && h->step < s->limits[sentence] && !none) return 0;
    float penalty = coverage_penalty(h, r->rows[b]); /* the rest of the score is to be in double precision */
    found->hypotheses[sentence] = (struct finished){penalty, scores[next], h->step - 1, r->rows[b]};
    found->counts[sentence] = 1;
    return 1;
}

/* After a step the sentences go on that are neither finished nor dropped. Its attention is `weights`; `spare` is room for
   scores. */
static void advance(const struct search *s, const struct ranking *r, struct history *h, struct running *running,
                    struct found *found, struct past *past, const float *weights, float *spare) {
    int64_t going = 0;
    for (int64_t b = 0; b < running->count; b++) {
        int64_t sentence = running->sentences[b], next = going * s->beam;
        if (found->counts[sentence] == DROPPED) continue;
        int done = s->greedy ? advance_greedy(s, r, h, b, sentence, found, past, spare, next)
                                : advance_beam(s, r, h, b, sentence, found, past, spare, next);
        if (done || h->step >= s->limits[sentence]) continue;
        running->sentences[going] = sentence;
        running->only[going++] = only_token(s, sentence, h->step + 1);
    }
    add_coverage(h, weights, past->parents, going * s->beam);
    advance_required(h, past, going * s->beam);
    running->count = going, running->beam = s->beam;
    running->tokens = past->tokens, running->rows = past->parents;
    memcpy(running->scores, spare, going * s->beam * sizeof *spare);
}

/* The interpreter, whose lock a search holds only while it asks for something. */
struct interpreter {
    PyThreadState *thread;
    PyObject *dropped; /* a function that returns a set of sentences, or None */
    int64_t since;     /* hypotheses since it was last asked for signals */
};

/* Marks the sentences in the set `gone`, which then leave the search; returns 0 where an exception is set. */
static int leave(PyObject *gone, const struct running *running, struct found *found) {
    for (int64_t b = 0; b < running->count; b++) {
        PyObject *sentence = PyLong_FromLongLong(running->sentences[b]);
        int left = sentence ? PySequence_Contains(gone, sentence) : -1;
        Py_XDECREF(sentence);
        if (left < 0) return 0;
        if (left) found->counts[running->sentences[b]] = DROPPED;
    }
    return 1;
}

/* After a step of so many hypotheses: whether an exception ends the search. Sentences that nobody waits for leave it. */
static int is_ended(struct interpreter *interpreter, int64_t hypotheses, const struct running *running,
                    struct found *found) {
    int asks = interpreter->dropped != Py_None;
    if (!asks && (interpreter->since += hypotheses) < HYPOTHESES_BETWEEN_SIGNALS) return 0;
    interpreter->since = 0;
    PyEval_RestoreThread(interpreter->thread);
    int ended = PyErr_CheckSignals() != 0;
    if (!ended && asks) {
        PyObject *gone = PyObject_CallNoArgs(interpreter->dropped);
        Py_ssize_t size = gone ? PyObject_Size(gone) : -1;
        ended = size < 0 || (size > 0 && !leave(gone, running, found));
        Py_XDECREF(gone);
    }
    interpreter->thread = PyEval_SaveThread();
    return ended;
}

static int are_between(const int64_t *values, int64_t count, int64_t least, int64_t most) {
    for (int64_t i = 0; i < count; i++)
        if (values[i] < least || values[i] > most) return 0;
    return 1;
}

static int are_sound(const struct phrases *p, int64_t batch, int64_t least, int64_t most) {
    if (!p->first) return 1;
    if (p->first[0] || p->starts[0]) return 0;
    for (int64_t b = 0; b < batch; b++)
        if (p->first[b + 1] < p->first[b]) return 0;
    for (int64_t i = 0; i < p->first[batch]; i++)
        if (p->starts[i + 1] <= p->starts[i]) return 0;
    return are_between(p->tokens, p->starts[p->first[batch]], least, most);
}

/* What is wrong with source sentences for a network; NULL where nothing is. */
static const char *fault_of_source(const struct network *n, const struct source *s) {
    if (s->batch < 1 || s->steps < 1) return "there should be source sentences";
    if (!are_between(s->lengths, s->batch, 1, s->steps)) return "a sentence should have from 1 to S tokens";
    if (!are_between(s->tokens, s->batch * s->steps, 0, n->output->outputs - 1))
        return "a source token is not in the vocabulary";
    return NULL;
}

/* What is wrong with the numbers of a search, whose arrays have the sizes that they should have; NULL where nothing is. */
static const char *fault_of(const struct search *s) {
    const struct source *source = &s->source;
    int64_t last = s->network->output->outputs - 1;
    const char *fault = fault_of_source(s->network, source);
    if (fault) return fault;
    if (s->beam < 1 || s->n_best < 1 || s->n_best > s->beam) return "n_best should be from 1 to the size of the beam";
    if (!are_between(s->limits, source->batch, 1, INT32_MAX)) return "a limit should be at least one token";
    for (int64_t b = 0; s->minimums && b < source->batch; b++)
        if (s->minimums[b] < 0 || s->minimums[b] >= s->limits[b]) return "a minimum should be below its limit";
    int64_t counts[] = {s->no_repeat_ngram, s->max_repeats};
    if (!are_between(counts, 2, 0, INT32_MAX)) return "a number of repetitions should not be negative";
    if (!are_sound(&s->prefix, source->batch, s->end + 1, last)) return "a prefix has a token that never comes";
    for (int64_t b = 0; b < source->batch; b++)
        if (last_phrase(&s->prefix, b) > first_phrase(&s->prefix, b) + 1) return "a sentence should have one prefix";
    if (s->network->shortlist && (s->prefix.first || s->required.first))
        return "a prefix or required phrase needs scores of every token, not of a shortlist";
    if (s->greedy && (s->beam > 1 || s->required.first)) return "greedy search has one hypothesis and requires no phrase";
    if (!are_sound(&s->required, source->batch, s->end + 1, last)) return "a required phrase has a token that never comes";
    if (!are_sound(&s->forbidden, source->batch, s->end + 1, last)) return "a forbidden phrase has a token that never comes";
    return NULL;
}

/* Of all tokens, or, where the network has a shortlist, of the lists. */
static struct output output_of(const struct network *n, const struct lists *lists, struct plan *listed) {
    if (!n->shortlist) return (struct output){.plan = n->output};
    *listed = *n->shortlist->plan;
    listed->scale = lists->scale, listed->bias = lists->bias, listed->outputs = lists->length;
    return (struct output){.plan = listed, .lists = lists->tokens, .counts = lists->counts};
}

static struct lists room_for_lists(struct heap *heap, const struct shortlist *l, const struct source *s) {
    int64_t size = s->batch * longest_list(l, s);
    return (struct lists){.tokens = NEW(heap, int64_t, size), .counts = NEW(heap, int64_t, s->batch),
                          .scale = NEW(heap, float, size), .bias = NEW(heap, float, size)};
}

/* Searches; `found` then lies in the heap. Returns whether an exception has ended it. */
static int search(const struct search *s, struct heap *heap, struct found *found, struct interpreter *interpreter) {
    const struct network *n = s->network;
    const struct decoder *d = n->decoder;
    const struct source *source = &s->source;
    int64_t batch = source->batch, rows = batch * s->beam, count = s->greedy ? 1 : 2 * s->beam, width = state_size(d);

    /* 1. The memory that the decoder attends to, and its first state. */
    float *before = NEW(heap, float, rows *width), *after = NEW(heap, float, rows *width);
    if (heap->missing) return 0;
    struct memory memory = remember(n, source, heap, before);
    if (heap->missing) return 0;

    /* 2. The tokens that may come. */
    struct lists lists = {0};
    struct plan listed;
    if (n->shortlist) {
        lists = room_for_lists(heap, n->shortlist, source);
        if (!heap->missing) list_tokens(n->shortlist, source, heap, &lists);
        if (heap->missing) return 0;
    }
    struct output output = output_of(n, &lists, &listed);

    /* 3. Room for a step. */
    int64_t known = STEPS_AT_FIRST, most = 0;
    for (int64_t b = 0; b < batch; b++) most = larger(most, s->limits[b]);
    struct quantised q = quantised_rows(heap, rows, step_bytes(d, output.plan));
    float *floats = NEW(heap, float, step_floats(d, &memory, rows));
    float *products = NEW(heap, float, (n->shortlist ? 1 : batch) * s->beam * output.plan->outputs);
    float *weights = s->attention ? NULL : NEW(heap, float, rows *memory.steps), *spare = NEW(heap, float, rows);
    struct running running = {.count = batch, .beam = 1, .sentences = NEW(heap, int64_t, batch),
                              .tokens = NEW(heap, int64_t, batch), .scores = NEW(heap, float, rows),
                              .only = NEW(heap, int64_t, batch)};
    struct ranking ranking = {.first = s->end, .count = count, .best = NEW(heap, float, batch *count),
                              .rows = NEW(heap, int64_t, batch *count), .tokens = NEW(heap, int64_t, batch *count)};
    *found = (struct found){.hypotheses = NEW(heap, struct finished, rows), .counts = NEW(heap, int64_t, batch),
                            .steps = NEW(heap, struct past, known)};
    int64_t covered = s->coverage_penalty ? rows * memory.steps : 0;
    struct required required;
    struct history history = {.search = s, .running = &running, .tokens = NEW(heap, int64_t, most),
                              .coverage = NEW(heap, float, covered), .spare = NEW(heap, float, covered)};
    if (s->required.first) {
        history.required = &required;
        start_required(s, rows, heap, &required);
    }
    if (heap->missing) return 0;
    memset(history.coverage, 0, covered * sizeof *history.coverage);
    for (int64_t b = 0; b < batch; b++) {
        running.sentences[b] = b, running.tokens[b] = s->begin, running.scores[b] = 0.0f;
        running.only[b] = only_token(s, b, 1), found->counts[b] = 0;
    }

    /* 4. Steps, each of which makes all hypotheses one token longer. */
    for (int64_t step = 1, rows_before = batch; running.count; step++) {
        int64_t now = running.count * running.beam;
        if (step == known) {
            struct past *longer = NEW(heap, struct past, 2 * known);
            if (heap->missing) return 0;
            memcpy(longer, found->steps, known * sizeof *longer);
            found->steps = longer, known *= 2;
        }
        struct past *past = found->steps + step;
        *past = (struct past){.tokens = NEW(heap, int64_t, running.count * s->beam),
                              .parents = NEW(heap, int64_t, running.count * s->beam),
                              .weights = s->attention ? NEW(heap, float, now *memory.steps) : NULL};
        if (heap->missing) return 0;
        struct step one = {.decoder = d, .memory = &memory, .batch = running.count, .beam = running.beam,
                           .sentences = running.sentences, .tokens = running.tokens, .rows = running.rows,
                           .count = rows_before, .before = before, .after = after,
                           .weights = s->attention ? past->weights : weights};
        chosen->decode(&one, &q, floats);
        output.readout = after + 2 * d->recurrent * d->units * now;
        history.steps = found->steps, history.step = step;
        if (history.required) { /* the best of each row, for the banks to choose from */
            want_tokens(&history);
            output.batch = now, output.beam = 1, output.sentences = required.sentences;
            required.best.scores = running.scores, required.best.only = required.only;
            chosen->best(&output, &required.best, &history, &q, products);
            rank_banks(&history, &ranking);
        } else {
            output.batch = running.count, output.beam = running.beam, output.sentences = running.sentences;
            ranking.scores = s->greedy ? NULL : running.scores, ranking.only = running.only;
            chosen->best(&output, &ranking, bans(s) ? &history : NULL, &q, products);
        }
        if (is_ended(interpreter, now, &running, found)) return 1;
        advance(s, &ranking, &history, &running, found, past, one.weights, spare);
        float *made = after;
        after = before, before = made, rows_before = now;
    }
    return 0;
}

/* Candidates as objects of the interpreter. */

/* A sentence's hypotheses that the caller gets, none of one that was dropped; where a model leaves none, the empty target
   with probability 0. */
static int64_t candidates_of(const struct search *s, const struct found *found, int64_t sentence, struct finished *first) {
    int64_t count = found->counts[sentence];
    if (count == DROPPED) return 0;
    *first = count ? found->hypotheses[sentence * s->beam] : (struct finished){-INFINITY, -INFINITY, 0, 0};
    return count < 1 ? 1 : count < s->n_best ? count : s->n_best;
}

/* A tuple of bytearrays: the number of candidates of each sentence, the length of each candidate, all their tokens, int64;
   the score and the log-probability of each candidate, double; the attention of each token (·, S), float, or nothing. */
static PyObject *candidates(const struct search *s, const struct found *found) {
    int64_t total = 0, length = 0, steps = s->attention ? s->source.steps : 0;
    struct finished one;
    for (int64_t b = 0; b < s->source.batch; b++) {
        int64_t count = candidates_of(s, found, b, &one);
        total += count;
        for (int64_t i = 0; i < count; i++) length += i ? found->hypotheses[b * s->beam + i].step : one.step;
    }
    int64_t sizes[] = {8 * s->source.batch, 8 * total, 8 * length, 8 * total, 8 * total, 4 * length * steps};
    enum { COLUMNS = sizeof sizes / sizeof *sizes };
    PyObject *columns = PyTuple_New(COLUMNS);
    void *places[COLUMNS];
    for (int i = 0; columns && i < COLUMNS; i++) {
        PyObject *column = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)sizes[i]);
        if (!column || PyTuple_SetItem(columns, i, column)) Py_CLEAR(columns);
        else places[i] = PyByteArray_AsString(column);
    }
    if (!columns) return NULL;
    int64_t *counts = places[0], *lengths = places[1], *tokens = places[2];
    double *scores = places[3], *log_probabilities = places[4];
    float *attention = places[5];
    for (int64_t b = 0; b < s->source.batch; b++) {
        *counts = candidates_of(s, found, b, &one);
        for (int64_t i = 0; i < *counts; i++) {
            if (i) one = found->hypotheses[b * s->beam + i];
            *lengths++ = one.step;
            *log_probabilities++ = one.log_probability;
            *scores++ = s->greedy ? (double)one.log_probability / s->divisors[one.step + 1] + one.score : one.score;
            int64_t row = one.row;
            for (int64_t step = one.step; step > 0; step--) {
                const struct past *past = found->steps + step;
                tokens[step - 1] = past->tokens[row];
                row = past->parents[row];
                if (steps) memcpy(attention + (step - 1) * steps, past->weights + row * steps, steps * sizeof *attention);
            }
            tokens += one.step, attention += one.step * steps;
        }
        counts++;
    }
    return columns;
}
