/* Forced decoding: what a network makes of targets that are given. It is nmt/search/forced_steps.py, number for number: a
   change there is a change here. */

enum { PROBABLE = 256 /* more tokens than can have a probability of LEAST_JUMP each */ };
static const double JUMP = 0.3, LEAST_JUMP = 0.005;

/* Targets (B, T) of these lengths, END last. Of each token its log-probability; and, with `details`, BoostedProb, the
   probability of the best token, whether that is the token, and the attention (B, T, S). */
struct forcing {
    const struct network *network;
    struct source source;
    int64_t steps, begin;
    const int64_t *targets, *lengths;
    int64_t details;
    float *log_probabilities, *boosted, *confidences;
    uint8_t *hits;
    float *attention;
};

FIELDS(forcing, FIELD(forcing, network), SOURCE(forcing), NAMED(forcing, "target_steps", steps),
       FIELD(forcing, begin), FIELD(forcing, targets), NAMED(forcing, "target_lengths", lengths), FIELD(forcing, details),
       FIELD(forcing, log_probabilities), FIELD(forcing, boosted),
       FIELD(forcing, confidences), FIELD(forcing, hits), FIELD(forcing, attention));

static const char *fault_of_forcing(const struct forcing *f) {
    const char *fault = fault_of_source(f->network, &f->source);
    if (fault) return fault;
    int64_t last = f->network->output->outputs - 1;
    if (f->network->shortlist) return "forced decoding needs scores of every token, not of a shortlist";
    if (!are_between(f->lengths, f->source.batch, 1, f->steps)) return "a target should have from 1 to T tokens";
    if (!are_between(f->targets, f->source.batch * f->steps, 0, last)) return "a target token is not in the vocabulary";
    return NULL;
}

static int descending(const void *one, const void *other) {
    float a = *(const float *)one, b = *(const float *)other;
    return a > b ? -1 : a < b;
}

/* BoostedProb (Dinh and Niehues 2025) of a token with log-probability `own` among V = count: of all tokens up to the last
   large drop of probability, where it is one of them. Before such a drop a token has more than LEAST_JUMP. */
static float boosted_probability(const float *scores, int64_t count, float own) {
    float probable[PROBABLE + 1], least = (float)log(LEAST_JUMP) - 0.01f, next = -INFINITY;
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        if (scores[i] > least && found < PROBABLE) probable[found++] = scores[i];
        else if (scores[i] > next) next = scores[i];
    }
    qsort(probable, (size_t)found, sizeof *probable, descending);
    probable[found] = next;
    double mass = 0.0, dominant = 0.0, probability = exp((double)own), edge = INFINITY;
    for (int64_t i = 0; i < found && i + 1 < count; i++) {
        double here = exp((double)probable[i]), drop = here - exp((double)probable[i + 1]);
        mass += here;
        if (drop > JUMP * here && drop > LEAST_JUMP) dominant = mass, edge = here;
    }
    return (float)(probability >= edge ? dominant : probability);
}

/* Of the token at `place` of the targets: its numbers by the log-probabilities of all. */
static void judge(const struct forcing *f, int64_t place, const float *scores) {
    int64_t count = f->network->output->outputs, token = f->targets[place], best = 0;
    f->log_probabilities[place] = scores[token];
    if (!f->details) return;
    for (int64_t i = 1; i < count; i++)
        if (scores[i] > scores[best]) best = i;
    f->boosted[place] = boosted_probability(scores, count, scores[token]);
    f->confidences[place] = (float)exp((double)scores[best]);
    f->hits[place] = best == token;
}

/* Returns whether an exception has ended it. */
static int force(const struct forcing *f, struct heap *heap, struct interpreter *interpreter) {
    const struct network *n = f->network;
    const struct decoder *d = n->decoder;
    int64_t batch = f->source.batch, bytes = step_bytes(d, n->output), width = state_size(d);
    float *before = NEW(heap, float, batch *width), *after = NEW(heap, float, batch *width);
    if (heap->missing) return 0;
    struct memory memory = remember(n, &f->source, heap, before);
    struct quantised q = quantised_rows(heap, batch, bytes);
    float *floats = NEW(heap, float, step_floats(d, &memory, batch));
    float *scores = NEW(heap, float, batch *n->output->outputs), *weights = NEW(heap, float, batch *memory.steps);
    int64_t *sentences = NEW(heap, int64_t, batch), *tokens = NEW(heap, int64_t, batch), *rows = NEW(heap, int64_t, batch);
    if (heap->missing) return 0;
    for (int64_t b = 0; b < batch; b++) sentences[b] = b;
    for (int64_t t = 0, rows_before = batch; t < f->steps; t++) {
        int64_t going = 0;
        for (int64_t row = 0; row < rows_before; row++) { /* those whose target goes on */
            int64_t sentence = sentences[row];
            if (f->lengths[sentence] <= t) continue;
            tokens[going] = t ? f->targets[sentence * f->steps + t - 1] : f->begin;
            sentences[going] = sentence, rows[going++] = row;
        }
        if (!going) break;
        struct step one = {.decoder = d, .memory = &memory, .batch = going, .beam = 1, .sentences = sentences,
                           .tokens = tokens, .rows = rows, .count = rows_before, .before = before, .after = after,
                           .weights = weights};
        chosen->decode(&one, &q, floats);
        struct output output = {.plan = n->output, .batch = going, .beam = 1, .sentences = sentences,
                                .readout = after + 2 * d->recurrent * d->units * going};
        chosen->log_probabilities(&output, &q, scores);
        for (int64_t row = 0; row < going; row++) {
            int64_t place = sentences[row] * f->steps + t;
            judge(f, place, scores + row * n->output->outputs);
            if (f->details)
                memcpy(f->attention + place * memory.steps, weights + row * memory.steps, memory.steps * sizeof *weights);
        }
        if (is_ended(interpreter, going, NULL, NULL)) return 1;
        float *made = after;
        after = before, before = made, rows_before = going;
    }
    return 0;
}
