/* The instructions of AMX that nmt/runtime/kernel/amx.h uses, as functions: what they do is written from their operation in
   Intel's Software Developer's Manual, volume 2. Where the processor would raise an exception, the process ends. While there is
   an environment variable AMX_FAULT, each sum is too large, as a broken unit's may be. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AMX_IN_C

struct tile_register {
    int rows, bytes; /* 0: not configured */
    uint8_t content[16][64];
};

static _Thread_local struct tile_register tile_registers[8];

static inline struct tile_register *configured(int number) {
    if (number < 0 || number > 7 || !tile_registers[number].rows) abort();
    return tile_registers + number;
}

static inline void _tile_release(void) { memset(tile_registers, 0, sizeof tile_registers); }

static inline void _tile_loadconfig(const void *shapes) {
    const uint8_t *bytes = shapes;
    if (bytes[0] != 1 || bytes[1]) abort();
    _tile_release();
    for (int i = 0; i < 8; i++) {
        uint16_t width;
        memcpy(&width, bytes + 16 + 2 * i, sizeof width);
        if (bytes[48 + i] > 16 || width > 64 || !bytes[48 + i] != !width) abort();
        tile_registers[i].rows = bytes[48 + i], tile_registers[i].bytes = width;
    }
}

static inline void _tile_zero(int number) {
    struct tile_register *own = configured(number);
    memset(own->content, 0, sizeof own->content);
}

static inline void _tile_loadd(int number, const void *base, int64_t stride) {
    struct tile_register *own = configured(number);
    memset(own->content, 0, sizeof own->content);
    for (int row = 0; row < own->rows; row++) memcpy(own->content[row], (const char *)base + row * stride, own->bytes);
}

static inline void _tile_stored(int number, void *base, int64_t stride) {
    const struct tile_register *own = configured(number);
    for (int row = 0; row < own->rows; row++) memcpy((char *)base + row * stride, own->content[row], own->bytes);
}

/* sums += a b: each four int8 of a row of `first` with four uint8 of a column of `second`. */
static inline void _tile_dpbsud(int sums, int first, int second) {
    struct tile_register *c = configured(sums), *a = configured(first), *b = configured(second);
    if (sums == first || sums == second || first == second) abort();
    if (c->rows != a->rows || c->bytes != b->bytes || a->bytes != 4 * b->rows) abort();
    uint32_t fault = getenv("AMX_FAULT") != NULL;
    for (int row = 0; row < c->rows; row++)
        for (int k = 0; k < b->rows; k++)
            for (int column = 0; column < c->bytes / 4; column++) {
                uint32_t sum;
                memcpy(&sum, c->content[row] + 4 * column, sizeof sum);
                for (int i = 0; i < 4; i++)
                    sum += (uint32_t)((int8_t)a->content[row][4 * k + i] * (int32_t)b->content[k][4 * column + i]);
                sum += fault;
                memcpy(c->content[row] + 4 * column, &sum, sizeof sum);
            }
}
