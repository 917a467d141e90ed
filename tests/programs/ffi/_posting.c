/* A library that sends messages to isolates, from threads of its own.
   It knows the C interface of Dart by its numbers and layouts only. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t Port;
typedef void (*Finalizer)(void *, void *);

typedef struct Object {
  int32_t kind;
  union {
    bool as_bool;
    int32_t as_int32;
    int64_t as_int64;
    double as_double;
    const char *as_string;
    struct { Port id, origin; } as_port;
    int64_t as_capability;
    struct { intptr_t length; struct Object **values; } as_array;
    struct { int32_t of; intptr_t length; const uint8_t *values; } as_data;
    struct {
      int32_t of;
      intptr_t length;
      uint8_t *data;
      void *peer;
      Finalizer callback;
    } as_external;
    struct { intptr_t address, size; Finalizer callback; } as_pointer;
  } value;
} Object;

typedef struct { const char *name; void (*function)(void); } Entry;
typedef struct { int32_t major, minor; const Entry *functions; } Api;

static bool (*post)(Port, Object *);
static bool (*post_integer)(Port, int64_t);
static Port (*new_port)(const char *, void (*)(Port, Object *), bool);
static bool (*close_port)(Port);

static void *find(const Api *api, const char *name) {
  for (const Entry *entry = api->functions; entry->name != NULL; entry++) {
    if (strcmp(entry->name, name) == 0) return (void *)entry->function;
  }
  return NULL;
}

/* How many of the functions that it wants are there, or -1. */
int initialize(void *data) {
  const Api *api = data;
  if (api->major != 2) return -1;
  post = find(api, "Dart_PostCObject");
  post_integer = find(api, "Dart_PostInteger");
  new_port = find(api, "Dart_NewNativePort");
  close_port = find(api, "Dart_CloseNativePort");
  bool handles = find(api, "Dart_NewPersistentHandle") != NULL;
  return (post != NULL) + (post_integer != NULL) + (new_port != NULL) +
         (close_port != NULL) + 10 * handles;
}

static volatile int released = 0;
int count_released(void) { return released; }
static void release(void *none, void *peer) {
  free(peer);
  __atomic_add_fetch(&released, none == NULL ? 1 : 1000, __ATOMIC_SEQ_CST);
}

static Object external(int32_t kind) {
  uint8_t *bytes = malloc(8);
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(i + 1);
  Object object = {.kind = kind};
  object.value.as_external.of = 2;
  object.value.as_external.length = 8;
  object.value.as_external.data = bytes;
  object.value.as_external.peer = bytes;
  object.value.as_external.callback = release;
  return object;
}

/* One of each kind, the array in itself too; the memory that was lent is counted. */
static void *post_all(void *port) {
  Port to = (Port)(intptr_t)port;
  static const double doubles[] = {0.5, -2.0};
  Object null = {.kind = 0};
  Object yes = {.kind = 1, .value.as_bool = true};
  Object small = {.kind = 2, .value.as_int32 = -7};
  Object large = {.kind = 3, .value.as_int64 = INT64_MIN};
  Object real = {.kind = 4, .value.as_double = 1.25};
  Object text = {.kind = 5, .value.as_string = "gr\xc3\xbc\xc3\x9f"};
  Object data = {.kind = 7};
  data.value.as_data.of = 11;
  data.value.as_data.length = 2;
  data.value.as_data.values = (const uint8_t *)doubles;
  Object lent = external(8);
  Object fixed = external(13);
  Object back = {.kind = 9, .value.as_port.id = to};
  Object right = {.kind = 10, .value.as_capability = 42};
  Object pointer = {.kind = 11};
  pointer.value.as_pointer.address = 4096;
  pointer.value.as_pointer.callback = release;
  Object array = {.kind = 6};
  Object *values[] = {&null, &yes,  &small, &large, &real,    &text, &text,
                      &data, &lent, &lent,  &fixed, &back, &right, &pointer, &array};
  array.value.as_array.length = sizeof values / sizeof *values;
  array.value.as_array.values = values;
  post(to, &array);
  post(to, &null);
  post(to, &yes);
  post(to, &large);
  post(to, &real);
  post(to, &text);
  Object other = external(8);
  post(to, &other);
  return NULL;
}

static void *post_damaged(void *port) {
  Port to = (Port)(intptr_t)port;
  Object bad_text = {.kind = 5, .value.as_string = "\xff"};
  Object bad_kind = {.kind = 99};
  Object bad_data = {.kind = 7};
  bad_data.value.as_data.of = 50;
  Object bad_array = {.kind = 6, .value.as_array.length = -1};
  Object lent = external(8);
  Object *values[] = {&lent, &bad_kind};
  Object mixed = {.kind = 6, .value.as_array = {2, values}};
  intptr_t posted = post(to, &bad_text) + post(to, &bad_kind) +
                    post(to, &bad_data) + post(to, &bad_array) + post(to, NULL) +
                    post(to, &mixed) + post(12345, &lent);
  /* All are refused, so the memory is still ours. */
  free(lent.value.as_external.data);
  return (void *)posted;
}

static void *post_many(void *arguments) {
  Port to = ((int64_t *)arguments)[0];
  int64_t count = ((int64_t *)arguments)[1];
  for (int64_t i = 1; i <= count; i++) post_integer(to, i);
  return NULL;
}

static intptr_t on_thread(void *(*work)(void *), void *argument) {
  pthread_t thread;
  void *result = NULL;
  pthread_create(&thread, NULL, work, argument);
  pthread_join(thread, &result);
  return (intptr_t)result;
}

void post_all_kinds(Port to) { on_thread(post_all, (void *)(intptr_t)to); }
int post_what_is_damaged(Port to) {
  return (int)on_thread(post_damaged, (void *)(intptr_t)to);
}
void post_integers(Port to, int64_t count) {
  int64_t arguments[] = {to, count};
  on_thread(post_many, arguments);
}

/* Whether lent memory could be sent; it is freed here if not. */
bool post_lent(Port to) {
  Object lent = external(8);
  bool sent = post(to, &lent);
  if (!sent) free(lent.value.as_external.data);
  return sent;
}

/* A port of C's own: answers an array [where to, what] with its length in
   elements or units, and what it was. */
static void answer(Port own, Object *message) {
  (void)own;
  Object **values = message->value.as_array.values;
  Object *what = values[1];
  Object kind = {.kind = 2, .value.as_int32 = what->kind};
  Object size = {.kind = 3, .value.as_int64 = 0};
  if (what->kind == 5) size.value.as_int64 = (int64_t)strlen(what->value.as_string);
  if (what->kind == 6) size.value.as_int64 = what->value.as_array.length;
  if (what->kind == 7) size.value.as_int64 = what->value.as_data.length;
  if (what->kind == 2) size.value.as_int64 = what->value.as_int32;
  Object *parts[] = {&kind, &size, what};
  Object array = {.kind = 6, .value.as_array = {3, parts}};
  if (what->kind == 12) array.value.as_array.length = 2;
  post(values[0]->value.as_port.id, &array);
}

/* Opens a port that answers, and tells `to` of it. */
Port open_answering(Port to) {
  Port port = new_port("answers", answer, false);
  Object object = {.kind = 9, .value.as_port.id = port};
  post(to, &object);
  return port;
}

bool close_answering(Port port) { return close_port(port); }
