/* A decoder's step and the scores of the next token, on what body.h has; compiled once for each instruction set, too. */

/* The largest of x, and the sum of exp(x - largest), which is written to `powers` where that is not NULL. */
static INLINE float NAME(partition)(const float *x, int64_t count, float *largest, float *powers) {
    floats most = load_part(x, count, -INFINITY);
    for (int64_t i = LANES; i < count; i += LANES) {
        floats y = load_part(x + i, count - i, -INFINITY);
        most = either(y > most, y, most);
    }
    *largest = most[0];
    for (int j = 1; j < LANES; j++) *largest = most[j] > *largest ? most[j] : *largest;
    places total = {{all_of(0.0f)}};
    for (int64_t i = 0; i < count; i += PLACES)
        EACH_PART(part) {
            int64_t first = i + part * LANES;
            floats y = load_part(x + first, count - first, -INFINITY);
            /* exponential(-inf) is exp(-87), not quite 0: such a place is not to count at all. */
            floats power = either(y == -INFINITY, all_of(0.0f), NAME(exponential)(y - *largest));
            total.parts[part] += power;
            if (powers) store_part(powers + first, power, count - first);
        }
    return NAME(sum)(total);
}

static void NAME(softmax)(float *x, int64_t count) {
    float largest, total = NAME(partition)(x, count, &largest, x);
    for (int64_t i = 0; i < count; i++) x[i] /= total;
}

/* What to subtract from scores to make them log-probabilities; the largest of them too. */
static INLINE float NAME(log_total)(const float *x, int64_t count, float *largest) {
    float total = NAME(partition)(x, count, largest, NULL);
    return *largest + logf(total);
}

/* The sum of the products of two rows. */
static INLINE float NAME(dot)(const float *x, const float *y, int64_t width) {
    places total = {{all_of(0.0f)}};
    int64_t i = 0;
    for (; i + PLACES <= width; i += PLACES)
        EACH_PART(part) {
            int64_t first = i + part * LANES;
            total.parts[part] = fused(load(x + first), load(y + first), total.parts[part]);
        }
    if (i < width)
        EACH_PART(part) {
            int64_t first = i + part * LANES, left = width - first;
            total.parts[part] = fused(load_part(x + first, left, 0.0f), load_part(y + first, left, 0.0f), total.parts[part]);
        }
    return NAME(sum)(total);
}

/* The sum of vector * tanh(query + key), the energy of additive attention. */
static INLINE float NAME(energy)(const float *vector, const float *query, const float *key, int64_t width) {
    places total = {{all_of(0.0f)}};
    for (int64_t i = 0; i < width; i += PLACES)
        EACH_PART(part) {
            int64_t first = i + part * LANES, left = width - first;
            floats q = load_part(query + first, left, 0.0f), k = load_part(key + first, left, 0.0f);
            floats v = load_part(vector + first, left, 0.0f);
            total.parts[part] = fused(v, NAME(hyperbolic)(q + k), total.parts[part]);
        }
    return NAME(sum)(total);
}

/* One head of one query (width of a head) against the keys of one sentence, `length` rows of the full width. */
static void NAME(scores)(const struct step *s, const float *query, const float *keys, int64_t length, int64_t first,
                         float *scores) {
    int64_t heads = s->decoder->heads, size = s->memory->key_size, width = heads ? size / heads : size;
    const float *vector = s->decoder->vector;
    float scale = heads ? 1.0f / sqrtf((float)width) : 1.0f;
    for (int64_t p = 0; p < length; p++) {
        const float *key = keys + p * size;
        float score = vector ? NAME(energy)(vector + first, query, key, width) : NAME(dot)(query, key, width);
        scores[p] = score * scale;
    }
}

/* total += weight * x, of so many numbers. */
static INLINE void NAME(add_product)(float *total, float weight, const float *x, int64_t width) {
    for (int64_t i = 0; i < width; i += LANES) {
        floats before = load_part(total + i, width - i, 0.0f);
        store_part(total + i, fused(all_of(weight), load_part(x + i, width - i, 0.0f), before), width - i);
    }
}

/* The mean of the values (C) that each query (N, A) attends to, into context (N, C); `scores` is room for S. */
static void NAME(attend)(const struct step *s, const float *query, float *context, float *scores) {
    const struct memory *m = s->memory;
    int64_t heads = s->decoder->heads ? s->decoder->heads : 1, width = m->value_size / heads;
    for (int64_t row = 0; row < s->batch * s->beam; row++, context += m->value_size) {
        int64_t sentence = s->sentences[row / s->beam], length = m->lengths[sentence];
        float *weights = s->weights + row * m->steps;
        memset(context, 0, m->value_size * sizeof *context);
        memset(weights, 0, m->steps * sizeof *weights);
        for (int64_t head = 0; head < heads; head++) {
            int64_t first = head * (m->key_size / heads);
            NAME(scores)(s, query + row * m->key_size + first, m->keys + sentence * m->steps * m->key_size + first, length,
                         first, scores);
            NAME(softmax)(scores, length);
            const float *values = m->values + sentence * m->steps * m->value_size + head * width;
            for (int64_t p = 0; p < length; p++) {
                float weight = scores[p];
                weights[p] += weight / (float)heads;
                NAME(add_product)(context + head * width, weight, values + p * m->value_size, width);
            }
        }
    }
}

/* Layer normalisation of `rows` rows of a multiple of 16 units, then ReLU; `norm` is as in struct layer. */
static void NAME(normalise)(const float *norm, int64_t rows, int64_t units, float *x) {
    for (int64_t row = 0; row < rows; row++, x += units) {
        places total = {{all_of(0.0f)}}, squares = {{all_of(0.0f)}};
        for (int64_t i = 0; i < units; i += PLACES) EACH_PART(part) total.parts[part] += load(x + i + part * LANES);
        float mean = NAME(sum)(total) / (float)units;
        for (int64_t i = 0; i < units; i += PLACES)
            EACH_PART(part) {
                floats away = load(x + i + part * LANES) - mean;
                squares.parts[part] = fused(away, away, squares.parts[part]);
            }
        float inverse = 1.0f / sqrtf(NAME(sum)(squares) / (float)units + norm[2 * units]);
        for (int64_t i = 0; i < units; i += LANES) {
            floats y = fused((load(x + i) - mean) * inverse, load(norm + i), load(norm + units + i));
            store(x + i, either(y > 0.0f, y, all_of(0.0f)));
        }
    }
}

/* As `lstm`, of an SSRU; `gates` is room for (rows, 2H). */
static void NAME(ssru)(const struct layer *layer, int64_t rows, const struct inputs *in, struct quantised *q,
                       const float *before, const int64_t *parents, float *hidden, float *cell, float *gates) {
    int64_t units = layer->plan->outputs / 2;
    NAME(linear)(layer->plan, rows, in, q, gates);
    for (int64_t row = 0; row < rows; row++, gates += 2 * units) {
        const float *own = before + (parents ? parents[row] : row) * units;
        for (int64_t i = 0; i < units; i += LANES) {
            floats candidate = load(gates + units + i);
            store(cell + row * units + i, fused(NAME(sigmoid)(load(gates + i)), load(own + i) - candidate, candidate));
        }
    }
    memcpy(hidden, cell, rows * units * sizeof *hidden);
    NAME(normalise)(layer->norm, rows, units, hidden);
}

/* The context (N, C) of `output` (N, H), whose query is in `projected` where it has one of its own. */
static void NAME(look)(const struct step *s, const float *output, struct quantised *q, float *context, float *projected,
                       float *scores) {
    const struct plan *plan = s->decoder->query;
    struct inputs in = {.values = {output}};
    if (plan) NAME(linear)(plan, s->batch * s->beam, &in, q, projected);
    NAME(attend)(s, plan ? projected : output, context, scores);
}

/* A step, but for the output matrix. `room` is for N rows of 4H, of a context and of a query, and for S numbers. */
static void NAME(decode)(const struct step *s, struct quantised *q, float *room) {
    const struct decoder *d = s->decoder;
    int64_t rows = s->batch * s->beam, size = rows * d->units, before_size = s->count * d->units;
    float *context = room + 4 * size, *projected = context + rows * s->memory->value_size;
    float *scores = projected + rows * s->memory->key_size;
    const float *feed = d->feeding ? s->before + 2 * d->recurrent * before_size : NULL, *output = NULL;
    struct inputs in = {.values = {d->embedding, feed}, .index = {s->tokens, s->rows}};
    for (int64_t i = 0; i < d->count; i++) {
        const struct layer *layer = d->layers + i;
        float *own = room + i % 2 * size, *made = own; /* the layer below made the other half */
        if (i < d->recurrent) {
            const float *hidden = s->before + 2 * i * before_size, *cell = hidden + before_size;
            int last = in.values[1] ? 2 : 1;
            in.values[last] = hidden, in.index[last] = s->rows;
            made = s->after + 2 * i * size;
            if (layer->kind == LSTM)
                NAME(lstm)(layer->plan, rows, &in, q, cell, s->rows, made, made + size);
            else
                NAME(ssru)(layer, rows, &in, q, cell, s->rows, made, made + size, room + 2 * size);
        } else {
            NAME(linear)(layer->plan, rows, &in, q, own);
            NAME(normalise)(layer->norm, rows, d->units, own);
        }
        if (d->residual && i) {
            for (int64_t j = 0; j < size; j += LANES) store(own + j, load(made + j) + load(output + j));
            made = own;
        }
        output = made;
        if (!d->feeding && i == 0) NAME(look)(s, output, q, context, projected, scores);
        in = (struct inputs){.values = {output, d->feeding ? NULL : context}};
    }
    if (d->feeding) NAME(look)(s, output, q, context, projected, scores);
    in.values[1] = context;
    NAME(linear)(d->readout, rows, &in, q, s->after + 2 * d->recurrent * size);
}

/* The products of `rows` rows a with 16 rows of w, those that `tokens` name, into out (rows, 16); rows of w have `size` bytes, a
   multiple of 64. Of AVX2 the rows a are widened. */
static INLINE void NAME(dots)(int rows, const uint8_t *w, const int64_t *tokens, const int8_t *a, int64_t stride, int64_t size,
                              int32_t *out) {
    (void)rows, (void)stride; /* rows is 1 where DOT_ROWS is */
#if defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
    for (int j = 0; j < PLACES; j += 4) {
        __m256i sums[DOT_ROWS][4];
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int t = 0; t < 4; t++) sums[r][t] = _mm256_setzero_si256();
        for (int64_t i = 0; i < size; i += 32) {
#pragma GCC unroll 4
            for (int t = 0; t < 4; t++) {
                __m256i weight = _mm256_loadu_si256((const __m256i *)(w + tokens[j + t] * size + i));
#pragma GCC unroll 4
                for (int r = 0; r < rows; r++) {
#if defined(HAVE_VNNI_256)
                    __m256i activation = _mm256_loadu_si256((const __m256i *)(a + r * stride + i));
                    sums[r][t] = _mm256_dpbusd_avx_epi32(sums[r][t], weight, activation);
#else
                    const __m256i *activation = (const __m256i *)(a + r * stride + WIDENED * i);
                    sums[r][t] = NAME(add_products)(sums[r][t], NAME(even_of)(weight), NAME(odd_of)(weight),
                                                    _mm256_loadu_si256(activation), _mm256_loadu_si256(activation + 1));
#endif
                }
            }
        }
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) { /* of each token two parts, in the halves */
            __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[r][0], sums[r][1]),
                                              _mm256_hadd_epi32(sums[r][2], sums[r][3]));
            _mm_storeu_si128((__m128i *)(out + r * PLACES + j),
                             _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
        }
    }
#elif defined(HAVE_VNNI_512)
    __m512i fours[4]; /* of four tokens each: four sums, one after the other, in each quarter */
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        __m512i sums[4];
#pragma GCC unroll 4
        for (int t = 0; t < 4; t++) sums[t] = _mm512_setzero_si512();
        for (int64_t i = 0; i < size; i += 64) {
            __m512i activation = _mm512_loadu_si512(a + i);
#pragma GCC unroll 4
            for (int t = 0; t < 4; t++)
                sums[t] = _mm512_dpbusd_epi32(sums[t], _mm512_loadu_si512(w + tokens[4 * j + t] * size + i), activation);
        }
        __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]), _mm512_unpackhi_epi32(sums[0], sums[1]));
        __m512i high = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]), _mm512_unpackhi_epi32(sums[2], sums[3]));
        fours[j] = _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high));
    }
    /* Of each pair of vectors, quarters 0 and 2 of both are added to 1 and 3. */
    enum { EVEN = 0x88, ODD = 0xdd };
    __m512i first = _mm512_add_epi32(_mm512_shuffle_i32x4(fours[0], fours[1], EVEN),
                                     _mm512_shuffle_i32x4(fours[0], fours[1], ODD));
    __m512i second = _mm512_add_epi32(_mm512_shuffle_i32x4(fours[2], fours[3], EVEN),
                                      _mm512_shuffle_i32x4(fours[2], fours[3], ODD));
    _mm512_storeu_si512(out, _mm512_add_epi32(_mm512_shuffle_i32x4(first, second, EVEN),
                                              _mm512_shuffle_i32x4(first, second, ODD)));
#elif defined(HAVE_I8MM) || defined(HAVE_DOTPROD)
    int32_t lacking = NAME(lacking)(a, size);
    for (int j = 0; j < PLACES; j += 4) {
        int32x4_t sums[4];
#pragma GCC unroll 4
        for (int t = 0; t < 4; t++) sums[t] = vdupq_n_s32(0);
        for (int64_t i = 0; i < size; i += 16) {
            int8x16_t activation = vld1q_s8(a + i);
#pragma GCC unroll 4
            for (int t = 0; t < 4; t++)
                sums[t] = NAME(dot_product)(sums[t], vld1q_u8(w + tokens[j + t] * size + i), activation);
        }
#pragma GCC unroll 4
        for (int t = 0; t < 4; t++) out[j + t] = vaddvq_s32(sums[t]) + lacking;
    }
#else
    for (int j = 0; j < PLACES; j++) {
        const uint8_t *row = w + tokens[j] * size;
        int32_t sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = 0; i < size; i++) sum += (int32_t)row[i] * (int32_t)a[i];
        out[j] = sum;
    }
#endif
}

/* Columns of sentence b that are read, a multiple of 16 of them where there are lists. */
static INLINE int64_t NAME(columns)(const struct output *o, int64_t b) {
    return o->counts ? (o->counts[o->sentences[b]] + PLACES - 1) / PLACES * PLACES : o->plan->outputs;
}

/* Of sentence b the readouts' products with the first `columns` of its list, (K, L), the readouts being in q. The rows of the
   table are read where they are: sentences share many, and gathering a list's own would cost more than it saves. */
static void NAME(list_products)(const struct output *o, int64_t b, int64_t columns, const struct quantised *q,
                                float *out) {
    const struct plan *plan = o->plan;
    int64_t list = o->sentences[b] * plan->outputs, bytes = bytes_of(plan);
    for (int64_t i = 0; i < columns; i += PLACES) {
        const int64_t *tokens = o->lists + list + i;
        const float *scale = plan->scale + list + i, *bias = plan->bias + list + i;
        for (int64_t k = 0; k < o->beam; k += DOT_ROWS) {
            int64_t row = b * o->beam + k;
            const int8_t *a = q->values + row * q->stride;
            int32_t sums[DOT_ROWS * PLACES];
            int count = o->beam - k < DOT_ROWS ? 1 : DOT_ROWS;
            if (count == 1) NAME(dots)(1, plan->weights, tokens, a, q->stride, bytes, sums);
            else NAME(dots)(DOT_ROWS, plan->weights, tokens, a, q->stride, bytes, sums);
            for (int r = 0; r < count; r++)
                for (int j = 0; j < PLACES; j += LANES)
                    store(out + (k + r) * plan->outputs + i + j, NAME(scaled)(sums + r * PLACES + j, q->offsets[row + r],
                                                                              q->scales[row + r], scale + j, bias + j));
        }
    }
}

/* Of all tokens or of those in the lists, into out (N, L). */
static void NAME(log_probabilities)(const struct output *o, struct quantised *q, float *out) {
    int64_t rows = o->batch * o->beam, columns = o->plan->outputs;
    struct inputs in = {.values = {o->readout}};
    if (o->lists) {
        NAME(quantise_rows)(q, o->plan, &in, rows);
        for (int64_t b = 0; b < o->batch; b++) NAME(list_products)(o, b, columns, q, out + b * o->beam * columns);
    } else
        NAME(linear)(o->plan, rows, &in, q, out);
    for (int64_t row = 0; row < rows; row++, out += columns) {
        float largest, total = NAME(log_total)(out, columns, &largest);
        for (int64_t i = 0; i < columns; i++) out[i] -= total;
    }
}

/* Sentence b's best continuations by products (K, L), best first, the first of equals first. Where there are too few the rest
   is token 0 with minus infinity. Tokens that a history bans are left out of `products`, but not of their sum. */
static void NAME(rank)(const struct output *o, const struct ranking *r, const struct history *h, int64_t b,
                       float *products) {
    int64_t columns = NAME(columns)(o, b), width = o->plan->outputs, last = r->count - 1;
    int64_t own = o->counts ? o->counts[o->sentences[b]] : width;
    const int64_t *list = o->lists ? o->lists + o->sentences[b] * width : NULL;
    int64_t only = r->only ? r->only[b] : 0, first = only ? only : r->first, end = only ? only + 1 : columns;
    float *best = r->best + b * r->count;
    int64_t *rows = r->rows + b * r->count, *tokens = r->tokens + b * r->count;
    for (int64_t i = 0; i <= last; i++) best[i] = -INFINITY, rows[i] = b * o->beam, tokens[i] = 0;
    for (int64_t row = b * o->beam; row < (b + 1) * o->beam; row++, products += width) {
        float largest, total = NAME(log_total)(products, columns, &largest), score = r->scores ? r->scores[row] : 0.0f;
        if (!(largest - total + score > best[last])) continue;
        if (h) constrain(h, row, only, &(struct row_scores){.list = list, .count = own, .scores = products}, total, score);
        for (int64_t i = first / LANES * LANES; i < end; i += LANES) {
            floats values = load_part(products + i, columns - i, -INFINITY) - total + score;
            if (!NAME(any)(values > best[last])) continue;
            for (int64_t c = i > first ? i : first; c < i + LANES && c < end; c++) {
                float value = values[c - i];
                if (!(value > best[last])) continue;
                int64_t place = last;
                for (; place > 0 && value > best[place - 1]; place--)
                    best[place] = best[place - 1], rows[place] = rows[place - 1], tokens[place] = tokens[place - 1];
                best[place] = value, rows[place] = row, tokens[place] = list ? list[c] : c;
            }
        }
    }
}

static void NAME(best)(const struct output *o, const struct ranking *r, const struct history *h, struct quantised *q,
                       float *products) {
    struct inputs in = {.values = {o->readout}};
    if (!o->lists) NAME(linear)(o->plan, o->batch * o->beam, &in, q, products);
    else NAME(quantise_rows)(q, o->plan, &in, o->batch * o->beam);
    for (int64_t b = 0; b < o->batch; b++) {
        if (o->lists) NAME(list_products)(o, b, NAME(columns)(o, b), q, products);
        NAME(rank)(o, r, h, b, o->lists ? products : products + b * o->beam * o->plan->outputs);
    }
}
