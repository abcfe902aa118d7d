/* Bytes of a cache line. Memory begins with one: a vector that lies in two lines is read twice. */
enum { LINE = 64 };

static inline void *memory_of(size_t bytes) { return aligned_alloc(LINE, (bytes + LINE - 1) / LINE * LINE); }

/* Memory of one call, freed together. */
struct block {
    struct block *next;
    char padding[LINE - sizeof(struct block *)];
};

struct heap {
    struct block *blocks;
    int missing; /* some allocation failed */
};

static void *take_memory(struct heap *heap, int64_t bytes) {
    struct block *block = memory_of(sizeof *block + (size_t)bytes);
    if (!block) {
        heap->missing = 1;
        return NULL;
    }
    block->next = heap->blocks;
    heap->blocks = block;
    return block + 1;
}

static void release(struct heap *heap) {
    while (heap->blocks) {
        struct block *next = heap->blocks->next;
        free(heap->blocks);
        heap->blocks = next;
    }
}

#define NEW(heap, type, count) ((type *)take_memory(heap, (int64_t)sizeof(type) * (count)))
