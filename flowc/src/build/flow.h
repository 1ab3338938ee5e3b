/* For functions in C: values, and the exports of a module.
 *
 * A function takes the values of its inputs and gives the value of its output:
 *
 *     #include "flow.h"
 *
 *     FLOW_FUNCTION(inputs, count) {
 *         (void)count;
 *         double size;
 *         if (!flow_as_float(inputs[0], &size)) return flow_error("the input must be a number");
 *         return flow_output(flow_float(size * 2));
 *     }
 *
 * A function with named outputs gives an object that has them as members. There is no C library in a module, and
 * nothing is kept from one call to the next: whatever is allocated is gone when the function has returned.
 */

#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value is. */
typedef enum {
    FLOW_NULL,
    FLOW_BOOLEAN,
    /* A whole number from 0 to 2^64-1, in `positive`. */
    FLOW_POSITIVE,
    /* A whole number below 0, in `negative`. */
    FLOW_NEGATIVE,
    FLOW_FLOAT,
    /* `length` bytes of UTF-8, in `text`; there is no zero behind them. */
    FLOW_STRING,
    /* `length` values, in `items`. */
    FLOW_ARRAY,
    /* `length` members, in `members`, in ascending order of their names. */
    FLOW_OBJECT
} flow_kind;

struct flow_member;

/* A value. */
typedef struct flow_value {
    flow_kind kind;
    uint32_t length;
    union {
        bool boolean;
        uint64_t positive;
        int64_t negative;
        double number;
        const char *text;
        struct flow_value *items;
        struct flow_member *members;
    };
} flow_value;

/* A member of an object. */
typedef struct flow_member {
    const char *name;
    uint32_t name_length;
    flow_value value;
} flow_member;

/* What came of a call. */
typedef struct {
    flow_value value;
    bool has_value;
    bool run_again;
    const char *error;
} flow_result;

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

#define FLOW_PAGE 65536u

extern unsigned char __heap_base;

/* Where the next allocation begins, and where those of a call do. */
static uintptr_t flow_next_, flow_mark_;

/* Memory until the function returns. There is always some, or the call ends here. */
static void *flow_allocate(size_t size) {
    if (flow_next_ == 0) flow_next_ = (uintptr_t)&__heap_base;
    uintptr_t start = (flow_next_ + 15u) & ~(uintptr_t)15u;
    uintptr_t end = start + size;
    uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) * FLOW_PAGE;
    if (end < start) __builtin_trap();
    if (end > have) {
        size_t pages = (end - have + FLOW_PAGE - 1) / FLOW_PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) __builtin_trap();
    }
    flow_next_ = end;
    return (void *)start;
}

/* The compiler calls these by itself. */
__attribute__((used)) void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    unsigned char *t = to;
    const unsigned char *f = from;
    while (size--) *t++ = *f++;
    return to;
}

__attribute__((used)) void *memmove(void *to, const void *from, size_t size) {
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f) return memcpy(to, from, size);
    while (size--) t[size] = f[size];
    return to;
}

__attribute__((used)) void *memset(void *to, int byte, size_t size) {
    unsigned char *t = to;
    while (size--) *t++ = (unsigned char)byte;
    return to;
}

__attribute__((used)) int memcmp(const void *one, const void *other, size_t size) {
    const unsigned char *a = one, *b = other;
    for (; size--; a++, b++)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}

__attribute__((used)) size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

/* ---- Making values --------------------------------------------------------------------------------------------- */

static inline flow_value flow_null(void) {
    return (flow_value){.kind = FLOW_NULL};
}

static inline flow_value flow_boolean(bool boolean) {
    return (flow_value){.kind = FLOW_BOOLEAN, .boolean = boolean};
}

static inline flow_value flow_integer(int64_t integer) {
    if (integer < 0) return (flow_value){.kind = FLOW_NEGATIVE, .negative = integer};
    return (flow_value){.kind = FLOW_POSITIVE, .positive = (uint64_t)integer};
}

/* Null where there is no such number in JSON: infinities, and what is not a number. */
static inline flow_value flow_float(double number) {
    if (number - number != 0) return flow_null();
    return (flow_value){.kind = FLOW_FLOAT, .number = number};
}

/* The text is not copied; it has to stay until the function has returned, and to be UTF-8. */
static inline flow_value flow_text(const char *text, size_t length) {
    return (flow_value){.kind = FLOW_STRING, .length = (uint32_t)length, .text = text};
}

static inline flow_value flow_string(const char *text) {
    return flow_text(text, strlen(text));
}

/* An array of nulls, to be filled through `items`. */
static inline flow_value flow_array(size_t length) {
    flow_value *items = flow_allocate(length * sizeof(flow_value));
    for (size_t i = 0; i < length; i++) items[i] = flow_null();
    return (flow_value){.kind = FLOW_ARRAY, .length = (uint32_t)length, .items = items};
}

/* An object without members that has room for so many. */
static inline flow_value flow_object(size_t room) {
    flow_member *members = flow_allocate(room * sizeof(flow_member));
    return (flow_value){.kind = FLOW_OBJECT, .length = 0, .members = members};
}

/* -1, 0 or 1, as names are ordered. */
static inline int flow_compare_names(const char *one, size_t one_length, const char *other, size_t other_length) {
    size_t shorter = one_length < other_length ? one_length : other_length;
    int order = memcmp(one, other, shorter);
    if (order != 0) return order;
    return one_length < other_length ? -1 : one_length > other_length;
}

/* Sets a member of an object that has room for it. */
static inline void flow_set(flow_value *object, const char *name, flow_value value) {
    size_t length = strlen(name);
    uint32_t place = 0;
    int order = 1;
    while (place < object->length) {
        flow_member *member = &object->members[place];
        order = flow_compare_names(member->name, member->name_length, name, length);
        if (order >= 0) break;
        place++;
    }
    if (place == object->length || order > 0) {
        for (uint32_t i = object->length; i > place; i--) object->members[i] = object->members[i - 1];
        object->length++;
    }
    object->members[place] = (flow_member){.name = name, .name_length = (uint32_t)length, .value = value};
}

/* ---- Looking at values ----------------------------------------------------------------------------------------- */

/* Any number, as the nearest float. */
static inline bool flow_as_float(flow_value value, double *number) {
    switch (value.kind) {
        case FLOW_POSITIVE: *number = (double)value.positive; return true;
        case FLOW_NEGATIVE: *number = (double)value.negative; return true;
        case FLOW_FLOAT: *number = value.number; return true;
        default: return false;
    }
}

/* A whole number of 64 bits with its sign. */
static inline bool flow_as_integer(flow_value value, int64_t *integer) {
    if (value.kind == FLOW_NEGATIVE) return *integer = value.negative, true;
    if (value.kind != FLOW_POSITIVE || value.positive > INT64_MAX) return false;
    return *integer = (int64_t)value.positive, true;
}

/* The member of a name; NULL if there is none, or if the value is no object. */
static inline const flow_value *flow_get(flow_value object, const char *name) {
    size_t length = strlen(name);
    for (uint32_t i = 0; object.kind == FLOW_OBJECT && i < object.length; i++) {
        const flow_member *member = &object.members[i];
        if (flow_compare_names(member->name, member->name_length, name, length) == 0) return &member->value;
    }
    return NULL;
}

/* ---- What a function gives ------------------------------------------------------------------------------------- */

/* A value, and the function may run again. */
static inline flow_result flow_output(flow_value value) {
    return (flow_result){.value = value, .has_value = true, .run_again = true};
}

/* A value, and it was the last one. */
static inline flow_result flow_last_output(flow_value value) {
    return (flow_result){.value = value, .has_value = true, .run_again = false};
}

/* No value; whether the function may run again. */
static inline flow_result flow_no_output(bool run_again) {
    return (flow_result){.has_value = false, .run_again = run_again};
}

/* The job has failed. */
static inline flow_result flow_error(const char *reason) {
    return (flow_result){.error = reason};
}

/* ---- The exports of the module --------------------------------------------------------------------------------- */

/* As deep as values may nest that travel. */
#define FLOW_DEEPEST 512

/* A float and its bits. */
typedef union {
    double number;
    uint64_t bits;
} flow_bits_;

/* Bytes that are being read; `wrong` once they were not what they should be. */
typedef struct {
    const unsigned char *next, *end;
    bool wrong;
} flow_reader_;

static unsigned char flow_read_byte_(flow_reader_ *reader) {
    if (reader->next == reader->end) return reader->wrong = true, 0;
    return *reader->next++;
}

static uint64_t flow_read_integer_(flow_reader_ *reader) {
    uint64_t integer = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        unsigned char byte = flow_read_byte_(reader);
        integer |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return integer;
    }
    reader->wrong = true;
    return 0;
}

/* Each of what is counted takes a byte at least, so no more of them is believed. */
static uint32_t flow_read_length_(flow_reader_ *reader) {
    uint64_t length = flow_read_integer_(reader);
    if (length <= (uint64_t)(reader->end - reader->next)) return (uint32_t)length;
    reader->wrong = true;
    return 0;
}

static const char *flow_read_text_(flow_reader_ *reader, uint32_t *length) {
    *length = flow_read_length_(reader);
    const char *text = (const char *)reader->next;
    reader->next += *length;
    return text;
}

static flow_value flow_read_(flow_reader_ *reader, int depth) {
    flow_value value = flow_null();
    uint64_t bits;
    unsigned char tag = flow_read_byte_(reader);
    if (tag >= 7 && depth >= FLOW_DEEPEST) return reader->wrong = true, value;
    switch (tag) {
        case 0: break;
        case 1: return flow_boolean(false);
        case 2: return flow_boolean(true);
        case 3:
            value.kind = FLOW_POSITIVE;
            value.positive = flow_read_integer_(reader);
            break;
        case 4:
            value.kind = FLOW_NEGATIVE;
            value.negative = (int64_t)~flow_read_integer_(reader);
            break;
        case 5:
            bits = 0;
            for (int i = 0; i < 8; i++) bits |= (uint64_t)flow_read_byte_(reader) << (8 * i);
            value.kind = FLOW_FLOAT;
            value.number = (flow_bits_){.bits = bits}.number;
            break;
        case 6:
            value.kind = FLOW_STRING;
            value.text = flow_read_text_(reader, &value.length);
            break;
        case 7:
            value = flow_array(flow_read_length_(reader));
            for (uint32_t i = 0; i < value.length && !reader->wrong; i++) value.items[i] = flow_read_(reader, depth + 1);
            break;
        case 8: {
            uint32_t count = flow_read_length_(reader);
            value = flow_object(count);
            for (uint32_t i = 0; i < count && !reader->wrong; i++) {
                flow_member *member = &value.members[value.length++];
                member->name = flow_read_text_(reader, &member->name_length);
                member->value = flow_read_(reader, depth + 1);
            }
            break;
        }
        default: reader->wrong = true;
    }
    return value;
}

/* Bytes that are being written: once only counted, once to a place. */
typedef struct {
    unsigned char *place;
    size_t length;
    bool too_deep;
} flow_writer_;

static void flow_put_byte_(flow_writer_ *writer, unsigned char byte) {
    if (writer->place) writer->place[writer->length] = byte;
    writer->length++;
}

static void flow_put_integer_(flow_writer_ *writer, uint64_t integer) {
    for (; integer >= 0x80; integer >>= 7) flow_put_byte_(writer, (unsigned char)(integer | 0x80));
    flow_put_byte_(writer, (unsigned char)integer);
}

static void flow_put_text_(flow_writer_ *writer, const char *text, uint32_t length) {
    flow_put_integer_(writer, length);
    if (writer->place) memcpy(writer->place + writer->length, text, length);
    writer->length += length;
}

static void flow_put_(flow_writer_ *writer, const flow_value *value, int depth) {
    uint64_t bits;
    if (value->kind >= FLOW_ARRAY && depth >= FLOW_DEEPEST) {
        writer->too_deep = true;
        return;
    }
    switch (value->kind) {
        case FLOW_NULL: flow_put_byte_(writer, 0); break;
        case FLOW_BOOLEAN: flow_put_byte_(writer, value->boolean ? 2 : 1); break;
        case FLOW_POSITIVE:
            flow_put_byte_(writer, 3);
            flow_put_integer_(writer, value->positive);
            break;
        case FLOW_NEGATIVE:
            flow_put_byte_(writer, 4);
            flow_put_integer_(writer, ~(uint64_t)value->negative);
            break;
        case FLOW_FLOAT:
            bits = (flow_bits_){.number = value->number}.bits;
            flow_put_byte_(writer, 5);
            for (int i = 0; i < 8; i++) flow_put_byte_(writer, (unsigned char)(bits >> (8 * i)));
            break;
        case FLOW_STRING:
            flow_put_byte_(writer, 6);
            flow_put_text_(writer, value->text, value->length);
            break;
        case FLOW_ARRAY:
            flow_put_byte_(writer, 7);
            flow_put_integer_(writer, value->length);
            for (uint32_t i = 0; i < value->length; i++) flow_put_(writer, &value->items[i], depth + 1);
            break;
        case FLOW_OBJECT:
            flow_put_byte_(writer, 8);
            flow_put_integer_(writer, value->length);
            for (uint32_t i = 0; i < value->length; i++) {
                flow_put_text_(writer, value->members[i].name, value->members[i].name_length);
                flow_put_(writer, &value->members[i].value, depth + 1);
            }
            break;
    }
}

static void flow_put_result_(flow_writer_ *writer, const flow_result *result) {
    if (result->error) {
        flow_put_byte_(writer, 0);
        flow_put_text_(writer, result->error, (uint32_t)strlen(result->error));
    } else if (!result->has_value) {
        flow_put_byte_(writer, result->run_again ? 2 : 1);
    } else {
        flow_put_byte_(writer, result->run_again ? 4 : 3);
        flow_put_(writer, &result->value, 0);
    }
}

static flow_result flow_function_(const flow_value *inputs, uint32_t count);

/* A block for the host, which outlives calls: it lies below everything that calls allocate. */
__attribute__((export_name("alloc"))) uint32_t flow_alloc_(uint32_t size) {
    void *block = flow_allocate(size);
    flow_mark_ = flow_next_;
    return (uint32_t)(uintptr_t)block;
}

/* The answer lies where it was allocated, until the next call allocates there again. */
__attribute__((export_name("flow_run"))) uint64_t flow_run_(uint32_t offset, uint32_t length) {
    flow_next_ = flow_mark_;
    flow_reader_ reader = {.next = (const unsigned char *)(uintptr_t)offset};
    reader.end = reader.next + length;
    uint32_t count = flow_read_length_(&reader);
    flow_value *inputs = flow_array(count).items;
    for (uint32_t i = 0; i < count && !reader.wrong; i++) inputs[i] = flow_read_(&reader, 0);
    flow_result result = flow_error("the call of the function is damaged");
    if (!reader.wrong && reader.next == reader.end) result = flow_function_(inputs, count);
    flow_writer_ writer = {0};
    flow_put_result_(&writer, &result);
    if (writer.too_deep) {
        result = flow_error("its result nests more than 512 levels deep, too deep to travel");
        writer = (flow_writer_){0};
        flow_put_result_(&writer, &result);
    }
    writer = (flow_writer_){.place = flow_allocate(writer.length)};
    flow_put_result_(&writer, &result);
    return (uint64_t)(uintptr_t)writer.place << 32 | writer.length;
}

/* Begins the definition of the function: the names for its input values, and for how many there are. */
#define FLOW_FUNCTION(inputs, count) static flow_result flow_function_(const flow_value *inputs, uint32_t count)

#endif
