/* The products and cells. A row's result depends on that row alone, never on how many rows there are: that is why a translation
   is the same in every batch. */

/* Row `row` of [first | second | third], each in its own place, as `bytes` int8 with one scale: x = scale * q.
   Returns the scale; *offset is what weights stored with 128 added make of the row beyond what they should. */
static float NAME(quantise)(const struct inputs *in, const struct plan *plan, int64_t row, int8_t *q, int64_t bytes,
                            int32_t *offset) {
    const float *parts[PARTS];
    float largest = 0.0f;
    for (int part = 0; part < PARTS; part++) {
        int64_t width = plan->widths[part];
        int64_t place = in->index[part] ? in->index[part][row] : row;
        const float *x = parts[part] = width ? in->values[part] + place * width : NULL;
#pragma omp simd reduction(max : largest)
        for (int64_t i = 0; i < width; i++) {
            float size = fabsf(x[i]);
            largest = size > largest ? size : largest;
        }
    }
    float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    int32_t sum = 0;
    int8_t *next = q;
    for (int part = 0; part < PARTS; part++) {
        const float *x = parts[part];
        int64_t width = plan->widths[part];
#pragma omp simd reduction(+ : sum)
        for (int64_t i = 0; i < width; i++) {
            float scaled = x[i] * inverse;
            int32_t whole = (int32_t)(scaled + (scaled >= 0.0f ? 0.5f : -0.5f));
            sum += whole;
            next[i] = (int8_t)whole;
        }
        next += width;
    }
    memset(next, 0, bytes - (next - q));
    *offset = 128 * sum;
    return largest / 127.0f;
}

#if defined(HAVE_I8MM) || defined(HAVE_DOTPROD)
/* The four sums of four products each of uint8 w and int8 a, added to `sums`. Without an instruction for mixed signs, w less
   128 is taken for w, and the caller adds 128 * a. */
static INLINE int32x4_t NAME(dot_product)(int32x4_t sums, uint8x16_t w, int8x16_t a) {
#if defined(HAVE_I8MM)
    return vusdotq_s32(sums, w, a);
#else
    return vdotq_s32(sums, vreinterpretq_s8_u8(veorq_u8(w, vdupq_n_u8(128))), a);
#endif
}

/* What a caller adds to sums of products with `size` bytes of a, a multiple of 4. */
static INLINE int32_t NAME(lacking)(const int8_t *a, int64_t size) {
#if defined(HAVE_I8MM)
    (void)a, (void)size;
    return 0;
#else
    int32x4_t sums = vdupq_n_s32(0);
    int32_t total = 0;
    int64_t i = 0;
    for (; i + 16 <= size; i += 16) sums = vdotq_s32(sums, vld1q_s8(a + i), vdupq_n_s8(1));
    for (; i < size; i++) total += a[i];
    return 128 * (total + vaddvq_s32(sums));
#endif
}
#endif

#if defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
/* Four bytes, eight times. */
static INLINE __m256i NAME(repeated)(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm256_set1_epi32(four);
}
#endif

#if defined(HAVE_AVX2)
/* Makes int16 of `bytes` int8 x, a multiple of 32, into `a`, whose second half x may be: of each 32 the numbers 0 and 2 of
   each four, then 1 and 3. AVX2 has no instruction that multiplies uint8 by int8 without saturation. */
static INLINE void NAME(widen)(const int8_t *x, int64_t bytes, int8_t *a) {
    for (int64_t i = 0; i < bytes; i += 32) {
        __m256i whole = _mm256_loadu_si256((const __m256i *)(x + i));
        _mm256_storeu_si256((__m256i *)(a + 2 * i), _mm256_srai_epi16(_mm256_slli_epi16(whole, 8), 8));
        _mm256_storeu_si256((__m256i *)(a + 2 * i + 32), _mm256_srai_epi16(whole, 8));
    }
}

/* sums + the products of 8 x 4 uint8 w, as int16 `even` and `odd` like a widened row, with such a row's. */
static INLINE __m256i NAME(add_products)(__m256i sums, __m256i w_even, __m256i w_odd, __m256i even, __m256i odd) {
    return _mm256_add_epi32(sums, _mm256_add_epi32(_mm256_madd_epi16(w_even, even), _mm256_madd_epi16(w_odd, odd)));
}

static INLINE __m256i NAME(even_of)(__m256i w) { return _mm256_and_si256(w, _mm256_set1_epi16(0x00ff)); }

static INLINE __m256i NAME(odd_of)(__m256i w) { return _mm256_srli_epi16(w, 8); }
#endif

/* Of `rows` rows of int8 a, one tile of 64 outputs: weights w are uint8 [k / 4][4 vectors][16 outputs][4]. Of AVX2 the rows are
   widened. */
static INLINE void NAME(product)(
    int rows, const uint8_t *w, const int8_t *a, int64_t stride, int64_t groups, int32_t *out) {
#if defined(HAVE_VNNI_512)
    __m512i sums[ROWS][4];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < 4; v++) sums[r][v] = _mm512_setzero_si512();
    for (int64_t k = 0; k < groups; k++) {
        __m512i weight[4];
#pragma GCC unroll 8
        for (int v = 0; v < 4; v++) weight[v] = _mm512_loadu_si512(w + k * TILE_BYTES + 64 * v);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, a + r * stride + 4 * k, 4);
            __m512i activation = _mm512_set1_epi32(four);
#pragma GCC unroll 8
            for (int v = 0; v < 4; v++) sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], weight[v], activation);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < 4; v++) _mm512_storeu_si512(out + r * TILE + 16 * v, sums[r][v]);
#elif defined(HAVE_VNNI_256) || defined(HAVE_AVX2)
#pragma GCC unroll 8
    for (int v = 0; v < 4; v++) {
        __m256i sums[ROWS][2];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
        for (int64_t k = 0; k < groups; k++) {
            const __m256i *place = (const __m256i *)(w + k * TILE_BYTES + 64 * v);
            __m256i low = _mm256_loadu_si256(place), high = _mm256_loadu_si256(place + 1);
#if defined(HAVE_VNNI_256)
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                __m256i activation = NAME(repeated)(a + r * stride + 4 * k);
                sums[r][0] = _mm256_dpbusd_avx_epi32(sums[r][0], low, activation);
                sums[r][1] = _mm256_dpbusd_avx_epi32(sums[r][1], high, activation);
            }
#else
            __m256i low_even = NAME(even_of)(low), low_odd = NAME(odd_of)(low);
            __m256i high_even = NAME(even_of)(high), high_odd = NAME(odd_of)(high);
            const int8_t *four = a + (k >> 3) * 64 + (k & 7) * 4;
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                __m256i even = NAME(repeated)(four + r * stride), odd = NAME(repeated)(four + r * stride + 32);
                sums[r][0] = NAME(add_products)(sums[r][0], low_even, low_odd, even, odd);
                sums[r][1] = NAME(add_products)(sums[r][1], high_even, high_odd, even, odd);
            }
#endif
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_si256((__m256i *)(out + r * TILE + 16 * v), sums[r][0]);
            _mm256_storeu_si256((__m256i *)(out + r * TILE + 16 * v + 8), sums[r][1]);
        }
    }
#elif defined(HAVE_I8MM) || defined(HAVE_DOTPROD)
    int32_t lacking[ROWS];
    for (int r = 0; r < rows; r++) lacking[r] = NAME(lacking)(a + r * stride, 4 * groups);
#pragma GCC unroll 8
    for (int v = 0; v < 4; v++) {
        int32x4_t sums[ROWS][4];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (int i = 0; i < 4; i++) sums[r][i] = vdupq_n_s32(lacking[r]);
        for (int64_t k = 0; k < groups; k++) {
            uint8x16_t weight[4];
#pragma GCC unroll 8
            for (int i = 0; i < 4; i++) weight[i] = vld1q_u8(w + k * TILE_BYTES + 64 * v + 16 * i);
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, a + r * stride + 4 * k, 4);
                int8x16_t activation = vreinterpretq_s8_s32(vdupq_n_s32(four));
#pragma GCC unroll 8
                for (int i = 0; i < 4; i++) sums[r][i] = NAME(dot_product)(sums[r][i], weight[i], activation);
            }
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (int i = 0; i < 4; i++) vst1q_s32(out + r * TILE + 16 * v + 4 * i, sums[r][i]);
    }
#else
    for (int r = 0; r < rows; r++) {
        int32_t *sums = out + r * TILE;
        memset(sums, 0, TILE * sizeof *sums);
        for (int64_t k = 0; k < groups; k++) {
            const int8_t *four = a + r * stride + 4 * k;
            const uint8_t *place = w + k * TILE_BYTES;
            for (int j = 0; j < TILE; j++)
                sums[j] += place[4 * j] * four[0] + place[4 * j + 1] * four[1] + place[4 * j + 2] * four[2] +
                           place[4 * j + 3] * four[3];
        }
    }
#endif
}

/* One tile for any rows, so many at a time as sums fit into registers. The number is a constant in each case. */
static void NAME(tile)(int rows, const uint8_t *w, const int8_t *a, int64_t stride, int64_t groups, int32_t *out) {
#if defined(HAVE_AMX)
    if (rows >= AMX_ROWS) {
        amx_product(rows, w, a, stride, out);
        return;
    }
#endif
    for (int done = 0; done < rows; done += BLOCK, a += BLOCK * stride, out += BLOCK * TILE) {
        switch (rows - done < BLOCK ? rows - done : BLOCK) {
        case 1: NAME(product)(1, w, a, stride, groups, out); break;
        case 2: NAME(product)(2, w, a, stride, groups, out); break;
        case 3: NAME(product)(3, w, a, stride, groups, out); break;
        case 4: NAME(product)(4, w, a, stride, groups, out); break;
        case 5: NAME(product)(5, w, a, stride, groups, out); break;
        default: NAME(product)(6, w, a, stride, groups, out); break;
        }
    }
}

/* Begins a product of `rows` rows; returns of how many at most NAME(tile) is asked at once. */
static INLINE int64_t NAME(begin)(int64_t rows) {
#if defined(HAVE_AMX)
    if (rows >= AMX_ROWS) return amx_begin(rows);
#endif
    (void)rows;
    return BLOCK;
}

static INLINE void NAME(end)(int64_t rows) {
#if defined(HAVE_AMX)
    if (rows >= AMX_ROWS) amx_end();
#endif
    (void)rows;
}

/* Into q; returns groups of 4 inputs. */
static int64_t NAME(quantise_rows)(struct quantised *q, const struct plan *plan, const struct inputs *in, int64_t rows) {
    int64_t bytes = bytes_of(plan);
#if defined(HAVE_AVX2)
    q->stride = WIDENED * bytes;
#else
    q->stride = bytes;
#endif
    for (int64_t row = 0; row < rows; row++) {
        int8_t *own = q->values + row * q->stride, *values = own + q->stride - bytes;
        q->scales[row] = NAME(quantise)(in, plan, row, values, bytes, q->offsets + row);
#if defined(HAVE_AVX2)
        NAME(widen)(values, bytes, own);
#endif
    }
    return (width_of(plan) + 3) / 4;
}

/* Sums as floats: less what the stored 128 added, times the row's and the outputs' scales, plus the outputs' bias. */
static INLINE floats NAME(scaled)(const int32_t *sums, int32_t offset, float own, const float *scale, const float *bias) {
    integers exact;
    memcpy(&exact, sums, sizeof exact);
    return fused(__builtin_convertvector(exact - offset, floats), own * load(scale), load(bias));
}

static void NAME(linear)(const struct plan *plan, int64_t rows, const struct inputs *in, struct quantised *q, float *out) {
    int64_t groups = NAME(quantise_rows)(q, plan, in, rows), block = NAME(begin)(rows);
    int32_t sums[MOST_ROWS * TILE];
    for (int64_t tile = 0; tile < plan->tiles; tile++) {
        const uint8_t *w = weights_of(plan, tile);
        const float *scale = plan->scale + tile * TILE, *bias = plan->bias + tile * TILE;
        int64_t width = plan->outputs - tile * TILE < TILE ? plan->outputs - tile * TILE : TILE;
        for (int64_t row = 0; row < rows; row += block) {
            int count = (int)(rows - row < block ? rows - row : block);
            NAME(tile)(count, w, q->values + row * q->stride, q->stride, groups, sums);
            for (int r = 0; r < count; r++) {
                float *y = out + (row + r) * plan->outputs + tile * TILE, own = q->scales[row + r];
                int32_t offset = q->offsets[row + r];
                for (int64_t j = 0; j < width; j += LANES) {
                    floats x = NAME(scaled)(sums + r * TILE + j, offset, own, scale + j, bias + j);
                    if (plan->activation == TANH) x = NAME(hyperbolic)(x);
                    if (plan->activation == RELU) x = either(x > 0.0f, x, all_of(0.0f));
                    store_part(y + j, x, width - j);
                }
            }
        }
    }
    NAME(end)(rows);
}

/* Gates i, f, g, o of 16 units to their new state. `extra` (64 of the same layout, or NULL) is added to the gates. */
static INLINE void NAME(cell)(const int32_t *sums, int32_t offset, float own, const float *scale, const float *bias,
                              const float *extra, const float *before, float *hidden, float *cell) {
    for (int unit = 0; unit < PLACES; unit += LANES) {
        floats gates[4];
#pragma GCC unroll 4
        for (int gate = 0; gate < 4; gate++) {
            int j = PLACES * gate + unit;
            gates[gate] = NAME(scaled)(sums + j, offset, own, scale + j, bias + j);
            if (extra) gates[gate] += load(extra + j);
        }
        floats kept = load(before + unit), candidate = NAME(hyperbolic)(gates[2]);
        floats now = fused(NAME(sigmoid)(gates[1]), kept, NAME(sigmoid)(gates[0]) * candidate);
        store(cell + unit, now);
        store(hidden + unit, NAME(sigmoid)(gates[3]) * NAME(hyperbolic)(now));
    }
}

/* A layer's state of `rows` rows after one more token: hidden and cell (rows, H), the cell before in rows `parents`. */
static void NAME(lstm)(const struct plan *plan, int64_t rows, const struct inputs *in, struct quantised *q,
                       const float *before, const int64_t *parents, float *hidden, float *cell) {
    int64_t groups = NAME(quantise_rows)(q, plan, in, rows), block = NAME(begin)(rows), units = 16 * plan->tiles;
    int32_t sums[MOST_ROWS * TILE];
    for (int64_t tile = 0; tile < plan->tiles; tile++) {
        const uint8_t *w = weights_of(plan, tile);
        for (int64_t row = 0; row < rows; row += block) {
            int count = (int)(rows - row < block ? rows - row : block);
            NAME(tile)(count, w, q->values + row * q->stride, q->stride, groups, sums);
            for (int r = 0; r < count; r++) {
                int64_t parent = parents ? parents[row + r] : row + r;
                NAME(cell)(sums + r * TILE, q->offsets[row + r], q->scales[row + r], plan->scale + tile * TILE,
                           plan->bias + tile * TILE, NULL, before + parent * units + 16 * tile,
                           hidden + (row + r) * units + 16 * tile, cell + (row + r) * units + 16 * tile);
            }
        }
    }
    NAME(end)(rows);
}

/* One direction of one encoder layer, all time steps: gates (B, S, 4H) from the input, bias included, in the tiles' order.
   The hidden state of sentence b at position p goes to out[(b S + p) out_stride]; nothing is written after its end. */
static void NAME(lstm_sequence)(const struct plan *plan, const struct sequence *seq, struct quantised *q, float *state) {
    int64_t units = 16 * plan->tiles, batch = seq->batch;
    float *hidden = state, *cell = state + batch * units, *next = cell + batch * units;
    int64_t *active = q->rows;
    memset(state, 0, 2 * batch * units * sizeof *state);
    int32_t sums[MOST_ROWS * TILE];
    struct inputs in = {.values = {hidden}, .index = {active}};
    for (int64_t step = 0; step < seq->steps; step++) {
        int64_t rows = 0;
        for (int64_t b = 0; b < batch; b++)
            if (step < seq->lengths[b]) active[rows++] = b;
        int64_t groups = NAME(quantise_rows)(q, plan, &in, rows), block = NAME(begin)(rows);
        for (int64_t tile = 0; tile < plan->tiles; tile++) {
            const uint8_t *w = weights_of(plan, tile);
            for (int64_t row = 0; row < rows; row += block) {
                int count = (int)(rows - row < block ? rows - row : block);
                NAME(tile)(count, w, q->values + row * q->stride, q->stride, groups, sums);
                for (int r = 0; r < count; r++) {
                    int64_t b = active[row + r];
                    int64_t position = b * seq->steps + (seq->backward ? seq->lengths[b] - 1 - step : step);
                    float *own = cell + b * units + 16 * tile;
                    NAME(cell)(sums + r * TILE, q->offsets[row + r], q->scales[row + r], plan->scale + tile * TILE,
                               plan->bias + tile * TILE, seq->gates + position * plan->tiles * TILE + tile * TILE, own,
                               next + b * units + 16 * tile, own);
                }
            }
        }
        NAME(end)(rows);
        for (int64_t row = 0; row < rows; row++) {
            int64_t b = active[row];
            int64_t position = b * seq->steps + (seq->backward ? seq->lengths[b] - 1 - step : step);
            memcpy(hidden + b * units, next + b * units, units * sizeof *hidden);
            memcpy(seq->out + position * seq->out_stride, next + b * units, units * sizeof *hidden);
        }
    }
}
