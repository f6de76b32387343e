#include "host/fiber/fiber.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/check.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define BLACKOUT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLACKOUT_ASAN 1
#endif
#endif
#ifdef BLACKOUT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// libc++abi defines but does not declare it.
namespace __cxxabiv1 {
struct __cxa_eh_globals;
extern "C" __cxa_eh_globals* __cxa_get_globals() noexcept;
}  // namespace __cxxabiv1

namespace blackout::fiber {
namespace {

namespace context = boost::context::detail;

// The Itanium C++ ABI's __cxa_eh_globals: the exceptions being handled and the number being thrown.
struct ExceptionGlobals {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

enum class State : std::uint8_t { unused, fresh, started, killed };

// One cache line. tools/gdb/blackout_gdb.py reads the first members by their offsets.
struct alignas(64) Slot {
  void* stack_pointer = nullptr;  // saved; null while the fiber runs and after it ended
  const char* name = nullptr;
  std::uint64_t id = 0;  // generation << index_bits | index
  std::uint32_t owner = 0;
  State state = State::unused;
  int error_number = 0;
  ExceptionGlobals exceptions;
};
static_assert(sizeof(Slot) == 64);
static_assert(offsetof(Slot, stack_pointer) == 0 && offsetof(Slot, name) == 8);
static_assert(offsetof(Slot, id) == 16 && offsetof(Slot, owner) == 24);

// What a signal handler and a debugger need of a pool.
struct Table {
  Table* next = nullptr;
  const Slot* slots = nullptr;
  std::uint64_t slots_used = 0;
  std::byte* stacks = nullptr;  // the lowest byte of slot 0's stack: its guard page, if it has one
  std::uint64_t stride = 0;
  std::uint64_t guarded = 0;
};
static_assert(offsetof(Table, slots) == 8 && offsetof(Table, slots_used) == 16);

constexpr unsigned index_bits = 20;
constexpr std::uint64_t index_mask = (1U << index_bits) - 1;
constexpr std::uint64_t generation_one = 1U << index_bits;

constexpr std::size_t page = 4096;
constexpr std::size_t line = 64;
constexpr std::uint64_t canary_value = 0x5AFE'57AC'4E0D'B17E;
#if defined(BLACKOUT_ASAN) || !defined(__OPTIMIZE__)
constexpr std::size_t stack_bytes_min = 256 * 1024;
#else
constexpr std::size_t stack_bytes_min = 4 * page;
#endif

constexpr std::size_t in_pages(std::size_t bytes) { return (bytes + page - 1) / page * page; }

#ifdef BLACKOUT_ASAN
void start_switch(void** fake_stack, const void* bottom, std::size_t bytes) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
}
void finish_switch(void* fake_stack, const void** bottom, std::size_t* bytes) {
  __sanitizer_finish_switch_fiber(fake_stack, bottom, bytes);
}
void unpoison(void* bottom, std::size_t bytes) { __asan_unpoison_memory_region(bottom, bytes); }
#else
void start_switch(void**, const void*, std::size_t) {}
void finish_switch(void*, const void**, std::size_t*) {}
void unpoison(void*, std::size_t) {}
#endif

std::string description(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CheckFailed& failed) {
    return failed.where + ": " + failed.what;
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of another type";
  }
}

std::string task_of_node(const char* name, std::uint32_t owner) {
  return std::string("task ") + name + " of node " + std::to_string(owner);
}

}  // namespace
}  // namespace blackout::fiber

// Every pool of the process: a debugger and a signal handler have no other way to find them.
extern "C" {
blackout::fiber::Table* blackout_fiber_tables = nullptr;
}

namespace blackout::fiber {

// Slab: a lead-in page, then a stride per slot: [guard page][stack][line for the canary of the next
// slot]. The canary stands directly below the stack it belongs to, on the page of its neighbour's
// first frames, so that an idle fiber costs one page.
class Pool::Implementation {
 public:
  explicit Implementation(Options options)
      : fibers_max_(options.fibers_max),
        exceptions_(reinterpret_cast<ExceptionGlobals*>(__cxxabiv1::__cxa_get_globals())),
        error_number_(&errno) {
    CHECK(fibers_max_ > 0 && fibers_max_ <= index_mask);
    table_.stride = in_pages(std::max(options.stack_bytes, stack_bytes_min)) + page;
    table_.guarded = options.guarded_max;
    slab_bytes_ = page + fibers_max_ * table_.stride;
    slab_ = mmap(nullptr, slab_bytes_, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(slab_ != MAP_FAILED, "no address space for the stacks of fibers");
    // A huge page would make 30 idle stacks resident at the first touch of one.
    madvise(slab_, slab_bytes_, MADV_NOHUGEPAGE);
    table_.stacks = static_cast<std::byte*>(slab_) + page;
    slots_.reserve(fibers_max_);  // slots never move
    table_.slots = slots_.data();
    table_.next = std::exchange(blackout_fiber_tables, &table_);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  ~Implementation() {
    closing_ = true;
    while (alive_ > 0 && !corrupt_) {
      for (Slot& slot : slots_) {
        if (slot.state != State::unused && !corrupt_) kill(FiberId(slot.id));
      }
    }
    Table** link = &blackout_fiber_tables;
    while (*link != &table_) link = &(*link)->next;
    *link = table_.next;
    unpoison(slab_, page + slots_.size() * table_.stride);
    munmap(slab_, slab_bytes_);
  }

  FiberId create(Callback body, std::uint32_t owner, const char* name) {
    Slot& slot = take_slot();
    const std::size_t index = index_of(slot);
    unpoison(bottom_of(index), table_.stride - line);
    *canary_of(index) = canary_value;
    new (body_of(index)) Callback(std::move(body));
    slot.stack_pointer = context::make_fcontext(body_of(index), table_.stride - 2 * line, &entry);
    slot.name = name;
    slot.owner = owner;
    slot.state = State::fresh;
    slot.error_number = 0;
    slot.exceptions = {};
    ++alive_;
    return FiberId(slot.id);
  }

  bool resume(FiberId fiber) {
    CHECK(current_ == nullptr, "a fiber may not resume another");
    Slot* slot = find(fiber);
    if (slot == nullptr) return false;
    if (slot->state == State::fresh) slot->state = State::started;
    switch_to(*slot);
    return true;
  }

  void suspend() {
    CHECK(current_ != nullptr, "only a fiber can suspend");
    Slot& slot = *current_;
    if (slot.state == State::killed) drop("suspended while being killed");
    void* fake_stack = nullptr;
    start_switch(&fake_stack, loop_stack_, loop_stack_bytes_);
    const context::transfer_t from = context::jump_fcontext(loop_, nullptr);
    finish_switch(fake_stack, &loop_stack_, &loop_stack_bytes_);
    loop_ = from.fctx;
    if (slot.state == State::killed) throw Killed{};
  }

  [[noreturn]] void abandon() {
    CHECK(current_ != nullptr, "only a fiber can be abandoned");
    leave();
  }

  void kill(FiberId fiber) {
    CHECK(current_ == nullptr, "a fiber may not kill another");
    Slot* slot = find(fiber);
    if (slot == nullptr) return;
    if (slot->state == State::fresh) {
      Callback* body = body_of(index_of(*slot));
      release(*slot);
      const Callback destroyed = std::move(*body);
      return;
    }
    slot->state = State::killed;
    switch_to(*slot);
  }

  [[nodiscard]] FiberId current() const { return current_ ? FiberId(current_->id) : FiberId(); }
  [[nodiscard]] std::uint32_t current_owner() const {
    return current_ ? current_->owner : 0xFFFF'FFFF;
  }
  [[nodiscard]] bool alive(FiberId fiber) { return find(fiber) != nullptr; }
  [[nodiscard]] std::size_t alive_count() const { return alive_; }
  [[nodiscard]] std::uint64_t switches() const { return switches_; }

  void on_failure(FailureHandler handler, void* context) {
    failed_ = handler;
    failed_context_ = context;
  }

 private:
  std::size_t index_of(const Slot& slot) const {
    return static_cast<std::size_t>(&slot - slots_.data());
  }
  std::byte* bottom_of(std::size_t index) const { return table_.stacks + index * table_.stride; }
  std::uint64_t* canary_of(std::size_t index) const {
    return reinterpret_cast<std::uint64_t*>(bottom_of(index)) - 1;
  }
  // The body lives on top of the fiber's own stack.
  Callback* body_of(std::size_t index) const {
    static_assert(sizeof(Callback) <= line);
    return reinterpret_cast<Callback*>(bottom_of(index + 1) - 2 * line);
  }
  Slot* find(FiberId fiber) {
    const std::uint64_t index = fiber.value() & index_mask;
    if (index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    return slot.id == fiber.value() && slot.state != State::unused ? &slot : nullptr;
  }

  Slot& take_slot() {
    if (!free_.empty()) {
      Slot& slot = slots_[free_.back()];
      free_.pop_back();
      return slot;
    }
    const std::size_t index = slots_.size();
    CHECK(index < fibers_max_, "too many fibers are alive");
    if (index < table_.guarded) {
      CHECK(mprotect(bottom_of(index), page, PROT_NONE) == 0, "no guard page for a stack");
    }
    Slot& slot = slots_.emplace_back();
    slot.id = generation_one | index;
    table_.slots_used = slots_.size();
    return slot;
  }

  void release(Slot& slot) {
    slot.stack_pointer = nullptr;
    slot.state = State::unused;
    slot.id += generation_one;
    free_.push_back(static_cast<std::uint32_t>(index_of(slot)));
    --alive_;
  }

  // Inlined: after a switch the processor predicts every return wrongly, so each return costs 6 ns.
  [[gnu::always_inline]] void switch_to(Slot& slot) {
    ++switches_;
    current_ = &slot;
    const int loop_error_number = std::exchange(*error_number_, slot.error_number);
    const ExceptionGlobals loop_exceptions = std::exchange(*exceptions_, slot.exceptions);
    const std::size_t index = index_of(slot);
    void* fake_stack = nullptr;
    start_switch(&fake_stack, bottom_of(index), table_.stride - line);
    void* const target = std::exchange(slot.stack_pointer, nullptr);
    const context::transfer_t from = context::jump_fcontext(target, this);
    finish_switch(fake_stack, nullptr, nullptr);
    slot.exceptions = std::exchange(*exceptions_, loop_exceptions);
    slot.error_number = std::exchange(*error_number_, loop_error_number);
    current_ = nullptr;

    slot.stack_pointer = from.fctx;
    if (*canary_of(index) != canary_value) [[unlikely]]
      report_overflow(slot);
    if (from.data != nullptr) end(slot);
  }

  // The neighbour's frames may be overwritten: none of the stacks can be trusted any more.
  void report_overflow(Slot& slot) {
    corrupt_ = true;
    release(slot);
    CHECK(closing_, "stack overflow in " + task_of_node(slot.name, slot.owner));
  }

  void end(Slot& slot) {
    release(slot);
    if (!error_) [[likely]]
      return;
    const std::exception_ptr error = std::exchange(error_, nullptr);
    if (closing_) return;
    const std::uint32_t owner = slot.owner;
    const char* const name = slot.name;
    CHECK(failed_ != nullptr, task_of_node(name, owner) + " failed: " + description(error));
    failed_(failed_context_, owner, name, error);
  }

  // In a fiber that stays behind on its stack: control goes to the loop and never returns.
  [[noreturn]] void leave() {
    start_switch(nullptr, loop_stack_, loop_stack_bytes_);
    context::jump_fcontext(loop_, this);
    __builtin_unreachable();
  }

  [[noreturn]] void drop(const char* why) {
    error_ = std::make_exception_ptr(
        CheckFailed{"host/fiber", task_of_node(current_->name, current_->owner) + " " + why});
    leave();
  }

  // Only here may an exception of any type end its way.
  void run(Callback& body) {
    try {
      body();
    } catch (const Killed&) {
    } catch (...) {
      error_ = std::current_exception();
    }
    body.reset();
  }

  static void entry(context::transfer_t from) {
    auto& self = *static_cast<Implementation*>(from.data);
    finish_switch(nullptr, &self.loop_stack_, &self.loop_stack_bytes_);
    self.loop_ = from.fctx;
    self.run(*self.body_of(self.index_of(*self.current_)));
    self.leave();
  }

  Table table_;
  std::size_t fibers_max_;
  void* slab_ = nullptr;
  std::size_t slab_bytes_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;

  Slot* current_ = nullptr;
  context::fcontext_t loop_ = nullptr;
  const void* loop_stack_ = nullptr;  // for AddressSanitizer only
  std::size_t loop_stack_bytes_ = 0;
  // The thread's, looked up once: a pool serves one thread.
  ExceptionGlobals* exceptions_;
  int* error_number_;

  std::size_t alive_ = 0;
  std::uint64_t switches_ = 0;
  bool corrupt_ = false;
  bool closing_ = false;
  std::exception_ptr error_;  // what left the body of the fiber that just ended
  FailureHandler failed_ = nullptr;
  void* failed_context_ = nullptr;
};

Pool::Pool(Options options) : implementation_(std::make_unique<Implementation>(options)) {}
Pool::~Pool() = default;

FiberId Pool::create(Callback body, std::uint32_t owner, const char* name) {
  return implementation_->create(std::move(body), owner, name);
}
bool Pool::resume(FiberId fiber) { return implementation_->resume(fiber); }
void Pool::suspend() { implementation_->suspend(); }
void Pool::abandon() { implementation_->abandon(); }
void Pool::kill(FiberId fiber) { implementation_->kill(fiber); }
FiberId Pool::current() const { return implementation_->current(); }
std::uint32_t Pool::current_owner() const { return implementation_->current_owner(); }
bool Pool::alive(FiberId fiber) const { return implementation_->alive(fiber); }
std::size_t Pool::alive_count() const { return implementation_->alive_count(); }
std::uint64_t Pool::switches() const { return implementation_->switches(); }
void Pool::on_failure(FailureHandler handler, void* context) {
  implementation_->on_failure(handler, context);
}

namespace {

struct sigaction previous_action;  // a signal handler can be given no context

void write_stderr(const char* text, std::size_t bytes) {
  const ssize_t written = ::write(STDERR_FILENO, text, bytes);
  static_cast<void>(written);
}

void write_stderr(std::uint32_t number) {
  char digits[10];
  char* first = digits + sizeof digits;
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  write_stderr(first, static_cast<std::size_t>(digits + sizeof digits - first));
}

// Only async-signal-safe calls.
void on_segmentation_fault(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (const Table* table = blackout_fiber_tables; table != nullptr; table = table->next) {
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(table->stacks);
    const std::uintptr_t index = offset / table->stride;
    const bool guard = index < table->slots_used && offset % table->stride < page;
    if (!guard || index >= table->guarded) continue;
    const Slot& slot = table->slots[index];
    constexpr std::string_view before = "stack overflow in task ";
    constexpr std::string_view between = " of node ";
    write_stderr(before.data(), before.size());
    write_stderr(slot.name, std::strlen(slot.name));
    write_stderr(between.data(), between.size());
    write_stderr(slot.owner);
    write_stderr("\n", 1);
  }
  sigaction(SIGSEGV, &previous_action, nullptr);  // the fault repeats on return
}

}  // namespace

void install_overflow_report() {
  stack_t alternate{};
  CHECK(sigaltstack(nullptr, &alternate) == 0);
  if ((alternate.ss_flags & SS_DISABLE) != 0) {
    constexpr std::size_t bytes = 64 * 1024;
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    alternate = {};
    alternate.ss_sp = memory;
    alternate.ss_size = bytes;
    CHECK(sigaltstack(&alternate, nullptr) == 0);
  }
  struct sigaction action {};
  action.sa_sigaction = &on_segmentation_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  CHECK(sigaction(SIGSEGV, &action, &previous_action) == 0);
}

}  // namespace blackout::fiber
