#include "harness/explore/run_one.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "harness/check/judge.hpp"
#include "harness/check/mark_count.hpp"
#include "harness/explore/twin.hpp"
#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "host/base/heap.hpp"
#include "host/fiber/fiber.hpp"
#include "reports/record/build.hpp"

// AddressSanitizer reserves terabytes of address space, which no limit on it can tell from a storm.
#if defined(__SANITIZE_ADDRESS__)
#define BLACKOUT_ASAN 1
#elif defined(__has_feature)
#define BLACKOUT_ASAN __has_feature(address_sanitizer)
#else
#define BLACKOUT_ASAN 0
#endif

namespace blackout::explore {
namespace {

constexpr int exit_internal_error = 70;
constexpr int poll_milliseconds = 50;
constexpr std::size_t last_words_max = 4096, answer_max = 64u << 20;
constexpr std::size_t heap_bytes = 512u << 20;  // beyond what most runs take

// Shared with the child: how far it came.
struct Shared {
  volatile std::int64_t now_ns;
};

class SharedProgress {
 public:
  SharedProgress()
      : memory_(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)) {
    CHECK(memory_ != MAP_FAILED, std::strerror(errno));
  }
  ~SharedProgress() { ::munmap(memory_, sizeof(Shared)); }
  SharedProgress(const SharedProgress&) = delete;
  SharedProgress& operator=(const SharedProgress&) = delete;
  Shared* operator->() const { return static_cast<Shared*>(memory_); }

 private:
  void* memory_;
};

record::RunRecord empty_record(const scenario::Plan& plan,
                               const std::vector<std::string>& overrides) {
  record::RunRecord run;
  run.plan_document = plan.document;
  run.overrides = overrides;
  run.build = record::this_build();
  run.plan = plan.facts;
  return run;
}

void judge_into(record::RunRecord& run, std::span<const check::Paired> paired = {}) {
  run.verdict = check::judge(run.plan, run.trace, run.history, run.failure, run.simulated, paired);
}

void save_or_throw(const record::RunRecord& run, const std::string& directory) {
  const auto saved = record::save(run, directory);
  CHECK(saved.ok(), saved.ok() ? "" : saved.error());
}

// What a child does with its plan; what it returns goes to the parent.
using Body = std::function<std::string(const Observer& observe)>;

[[noreturn]] void child_main(pid_t parent, const Limits& limits, const SharedProgress& shared,
                             int answer, const Body& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_internal_error);
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
#if !BLACKOUT_ASAN
  // A backstop behind the watch on resident memory: address space, beyond what stacks reserve and
  // do not use (40'000 of 256 KiB in a build without optimisation).
  const rlim_t space = limits.memory_bytes + (16ULL << 30);
  const rlimit address_space{space, space};
  ::setrlimit(RLIMIT_AS, &address_space);
#endif
  fiber::install_overflow_report();
  grow_heap_on_huge_pages(heap_bytes);
  int code = exit_internal_error;
  try {
    const std::string text =
        body([&](const Progress& progress) { shared->now_ns = progress.now.ns(); });
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t size = ::write(answer, text.data() + sent, text.size() - sent);
      CHECK(size > 0 || errno == EINTR, std::strerror(errno));
      if (size > 0) sent += static_cast<std::size_t>(size);
    }
    code = 0;
  } catch (const CheckFailed& failed) {
    std::fprintf(stderr, "%s: %s\n", failed.where.c_str(), failed.what.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  std::fflush(stderr);
  ::_exit(code);
}

std::uint64_t resident_bytes(pid_t child) {
  const std::string path = "/proc/" + std::to_string(child) + "/statm";
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::int64_t real_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

struct Death {
  int status = 0;
  std::string killed_for;  // "hang", "memory", or empty
  std::string last_words;  // what the child wrote to its standard error
  std::string answer;
};

// What there is to read of a pipe; false once the child closed its end.
bool read_some(int from, std::string& into, std::size_t most) {
  char text[4096];
  ssize_t size = 0;
  while ((size = ::read(from, text, sizeof text)) > 0) {
    if (into.size() < most) into.append(text, static_cast<std::size_t>(size));
  }
  return size < 0;
}

// Waits for the child and enforces the limits that the kernel does not.
Death watch(pid_t child, int errors, int answer, const Limits& limits, const SharedProgress& shared,
            const Observer& observe) {
  Death death;
  std::int64_t seen_ns = -1;
  std::int64_t silent_ms = 0, looked_at = real_milliseconds();
  while (true) {
    pollfd ready[] = {{errors, POLLIN, 0}, {answer, POLLIN, 0}};
    ::poll(ready, 2, poll_milliseconds);
    const bool speaks = read_some(errors, death.last_words, last_words_max);
    const bool answers = read_some(answer, death.answer, answer_max);
    if (::waitpid(child, &death.status, WNOHANG) == child) break;
    if (!speaks || !answers) ::usleep(1000);  // the child closed its end: no event to wait for
    if (shared->now_ns != seen_ns) {
      seen_ns = shared->now_ns;
      silent_ms = 0;
    }
    // A machine that stood still, this process with it, is not the child's doing.
    const std::int64_t now = real_milliseconds();
    silent_ms += std::min<std::int64_t>(now - std::exchange(looked_at, now), 2 * poll_milliseconds);
    if (observe) observe({Instant(seen_ns)});
    if (death.killed_for.empty()) {
      if (silent_ms > limits.silence_seconds * 1000) death.killed_for = "hang";
      if (resident_bytes(child) > limits.memory_bytes) death.killed_for = "memory";
      if (!death.killed_for.empty()) ::kill(child, SIGKILL);
    }
  }
  read_some(errors, death.last_words, last_words_max);
  read_some(answer, death.answer, answer_max);
  while (!death.last_words.empty() && death.last_words.back() == '\n') death.last_words.pop_back();
  return death;
}

record::CodeFailure failure_of(const Death& death, const Limits& limits, Instant reached) {
  record::CodeFailure failure;
  failure.at = reached;
  if (death.killed_for == "hang") {
    failure.kind = "hang";
    failure.text = "virtual time stood still for " + std::to_string(limits.silence_seconds) + " s";
  } else if (death.killed_for == "memory") {
    failure.kind = "memory";
    failure.text = "more than " + std::to_string(limits.memory_bytes >> 20) + " MiB resident";
  } else {
    failure.kind = "signal";
    failure.text = WIFSIGNALED(death.status)
                       ? std::string("SIG") + ::sigabbrev_np(WTERMSIG(death.status))
                       : "exit " + std::to_string(WEXITSTATUS(death.status));
  }
  if (!death.last_words.empty()) failure.text += ": " + death.last_words;
  return failure;
}

world::MarkCounter marks_of(const scenario::Plan& plan) {
  const bool waited_for =
      std::any_of(plan.faults.begin(), plan.faults.end(), [](const fault::Fault& fault) {
        return fault.anchor && fault.anchor->signal == fault::Signal::mark;
      });
  if (!waited_for) return {};
  const auto marks = std::make_shared<check::MarkCount>(plan.facts);
  return {[marks](const Event& event, EventId id) { marks->see(event, id); },
          [marks](const std::string& mark) { return marks->count(mark); }};
}

// The plan's faults as they took place: what waited has its time, what was a role its name; a fault
// that did not begin never does.
void settle_faults(const record::Ledger& outcomes, record::PlanFacts& plan) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    plan.faults[i].at = outcomes[i].began.value_or(Instant::never());
    plan.faults[i].target = outcomes[i].target;
  }
}

}  // namespace

record::RunRecord run_here(const scenario::Plan& plan, const std::vector<std::string>& overrides,
                           const Observer& observe, Instant until) {
  record::RunRecord run = empty_record(plan, overrides);
  const auto system = system::make_system(plan.system);
  const auto progress = [&](Instant now) {
    if (observe) observe({now});
  };
  std::vector<check::Paired> paired;
  if (!plan.facts.objectives.added_latency.empty()) {
    const scenario::Plan twin = in_one_region(plan);
    paired =
        pair_with(plan, world::World(twin, *system, marks_of(twin)).run(progress, until).history);
  }
  {
    world::World world(plan, *system, marks_of(plan));
    world::Result result = world.run(progress, until);
    run.trace = std::move(result.trace);
    run.history = std::move(result.history);
    run.faults = std::move(result.faults);
    settle_faults(run.faults, run.plan);
    run.failure = std::move(result.failure);
    run.simulated = result.simulated;
    run.kernel_events = result.kernel_events;
  }
  judge_into(run, paired);
  return run;
}

void run_to(const scenario::Plan& plan, EventId before, const std::function<void()>& action) {
  const auto system = system::make_system(plan.system);
  world::World world(plan, *system, marks_of(plan));
  world.break_before(before, action);
  world.run();
}

namespace {

// Runs `body` in a child with limits. Throws what a CHECK that failed in the harness said.
Death in_child(const Limits& limits, const std::string& directory, const Observer& observe,
               Instant& reached, const Body& body) {
  const SharedProgress shared;
  int errors[2], answers[2];
  CHECK(::pipe2(errors, O_CLOEXEC | O_NONBLOCK) == 0, std::strerror(errno));
  CHECK(::pipe2(answers, O_CLOEXEC) == 0, std::strerror(errno));
  ::fcntl(answers[0], F_SETFL, O_NONBLOCK);
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  CHECK(child >= 0, std::strerror(errno));
  if (child == 0) {
    ::dup2(errors[1], STDERR_FILENO);
    child_main(parent, limits, shared, answers[1], body);
  }
  ::close(errors[1]);
  ::close(answers[1]);
  Death death;
  try {
    death = watch(child, errors[0], answers[0], limits, shared, observe);
  } catch (...) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(errors[0]);
    ::close(answers[0]);
    record::discard_unfinished(directory);
    throw;
  }
  ::close(errors[0]);
  ::close(answers[0]);
  reached = Instant(shared->now_ns);
  if (WIFEXITED(death.status) && WEXITSTATUS(death.status) == exit_internal_error) {
    throw CheckFailed{"harness", death.last_words};
  }
  return death;
}

bool lived(const Death& death) { return WIFEXITED(death.status) && WEXITSTATUS(death.status) == 0; }

record::RunRecord record_of(const Death& death, const scenario::Plan& plan,
                            const std::vector<std::string>& overrides, const Limits& limits,
                            Instant reached) {
  record::RunRecord run = empty_record(plan, overrides);
  run.simulated = reached;
  run.failure = failure_of(death, limits, reached);
  judge_into(run);
  return run;
}

}  // namespace

Outcome run_isolated(const scenario::Plan& plan, const std::vector<std::string>& overrides,
                     const std::string& directory, const Limits& limits, const Observer& observe) {
  Instant reached;
  const Death death = in_child(limits, directory, observe, reached, [&](const Observer& progress) {
    save_or_throw(run_here(plan, overrides, progress, limits.until), directory);
    return std::string();
  });
  if (!lived(death)) {
    save_or_throw(record_of(death, plan, overrides, limits, reached), directory);
  }
  auto saved = record::load(directory);
  CHECK(saved.ok(), "the record in " + directory + " cannot be read back");
  return {std::move(saved).value(), directory};
}

Summary probe(const scenario::Plan& plan, const std::vector<std::string>& overrides,
              const std::string& directory, const Limits& limits, const Observer& observe) {
  const auto keep = [&](const record::RunRecord& run) {
    Summary summary = summary_of(run);
    if (summary.broken && !directory.empty()) save_or_throw(run, directory);
    return summary;
  };
  Instant reached;
  const Death death = in_child(limits, directory, observe, reached, [&](const Observer& progress) {
    return to_line(keep(run_here(plan, overrides, progress, limits.until)));
  });
  if (!lived(death)) return keep(record_of(death, plan, overrides, limits, reached));
  auto summary = summary_from(death.answer);
  CHECK(summary.has_value(), "the answer of a run cannot be read");
  return std::move(*summary);
}

}  // namespace blackout::explore
