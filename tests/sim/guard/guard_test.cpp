#include "sim/guard/guard.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <string>
#include <thread>

// Of LeakSanitizer, where the build has it.
extern "C" __attribute__((weak)) void __lsan_disable();
extern "C" __attribute__((weak)) void __lsan_enable();

namespace blackout::guard {
namespace {

struct Caught {
  jmp_buf back;
  const char* function = nullptr;
  std::uint32_t owner = 0;
};

void abandon(void* context, const char* function, std::uint32_t owner) {
  Caught& caught = *static_cast<Caught*>(context);
  caught.function = function;
  caught.owner = owner;
  longjmp(caught.back, 1);
}

Caught caught;

// The function named by the violation that `call` commits as node 7, "" if it commits none. Frames
// between are abandoned, not unwound, as a fiber's would be: what they hold leaks.
template <class Call>
std::string violation(Call call) {
  caught = Caught{};
  on_violation(abandon, &caught);
  if (__lsan_disable != nullptr) __lsan_disable();
  if (setjmp(caught.back) == 0) {
    enter(7);
    call();
    leave();
  }
  if (__lsan_enable != nullptr) __lsan_enable();
  on_violation(nullptr, nullptr);
  return caught.function == nullptr ? "" : caught.function;
}

TEST(Guard, NamesTheFunctionAndTheOwnerAndLeavesTheSection) {
  EXPECT_EQ(violation([] { (void)::time(nullptr); }), "time");
  EXPECT_EQ(caught.owner, 7U);
  EXPECT_FALSE(state.inside);
}

TEST(Guard, LetsPassWhatTouchesNoMachine) {
  EXPECT_EQ(violation([] {
              std::string text(1'000, 'x');
              std::mutex mutex;
              const std::lock_guard lock(mutex);
              std::snprintf(text.data(), text.size(), "%d %f", 5, 1.5);
              delete new std::string(text);
            }),
            "");
}

TEST(Guard, CatchesClocks) {
  timespec spec;
  timeval value;
  EXPECT_EQ(violation([&] { clock_gettime(CLOCK_MONOTONIC, &spec); }), "clock_gettime");
  EXPECT_EQ(violation([&] { gettimeofday(&value, nullptr); }), "gettimeofday");
  EXPECT_EQ(violation([&] { timespec_get(&spec, TIME_UTC); }), "timespec_get");
  EXPECT_EQ(violation([] { (void)::clock(); }), "clock");
}

TEST(Guard, CatchesTheClocksOfTheStandardLibrary) {
  EXPECT_EQ(violation([] { (void)std::chrono::steady_clock::now(); }), "clock_gettime");
  EXPECT_EQ(violation([] { (void)std::chrono::system_clock::now(); }), "clock_gettime");
}

TEST(Guard, CatchesSleeping) {
  const timespec span{0, 1};
  EXPECT_EQ(violation([&] { nanosleep(&span, nullptr); }), "nanosleep");
  EXPECT_EQ(violation([&] { clock_nanosleep(CLOCK_MONOTONIC, 0, &span, nullptr); }),
            "clock_nanosleep");
  EXPECT_EQ(violation([] { usleep(1); }), "usleep");
  EXPECT_EQ(violation([] { sleep(1); }), "sleep");
  EXPECT_EQ(violation([] { std::this_thread::sleep_for(std::chrono::seconds(1)); }), "nanosleep");
  EXPECT_EQ(violation([] { std::this_thread::yield(); }), "sched_yield");
}

TEST(Guard, CatchesThreadsAndProcesses) {
  EXPECT_EQ(violation([] {
              pthread_t thread;
              pthread_create(
                  &thread, nullptr, [](void* p) { return p; }, nullptr);
            }),
            "pthread_create");
  EXPECT_EQ(violation([] { std::thread([] {}).detach(); }), "pthread_create");
  EXPECT_EQ(violation([] {
              if (fork() == 0) _exit(0);
            }),
            "fork");
  EXPECT_EQ(violation([] {
              pid_t pid;
              char* none[] = {nullptr};
              posix_spawn(&pid, "/bin/true", nullptr, nullptr, none, none);
            }),
            "posix_spawn");
  EXPECT_EQ(violation([] { (void)!system("true"); }), "system");
  EXPECT_EQ(violation([] { (void)popen("true", "r"); }), "popen");
}

TEST(Guard, CatchesConditionVariables) {
  std::mutex mutex;
  std::condition_variable condition;
  std::unique_lock lock(mutex);
  const auto second = std::chrono::seconds(1);
  EXPECT_EQ(violation([&] { condition.wait(lock); }), "pthread_cond_wait");
  const auto soon = std::chrono::steady_clock::now() + second;
  const auto wall = std::chrono::system_clock::now() + second;
#if defined(_GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT)  // without it (ThreadSanitizer) the clock is read
                                                  // first
  EXPECT_EQ(violation([&] { condition.wait_until(lock, soon); }), "pthread_cond_clockwait");
#else
  EXPECT_EQ(violation([&] { condition.wait_until(lock, soon); }), "clock_gettime");
#endif
  EXPECT_EQ(violation([&] { condition.wait_until(lock, wall); }), "pthread_cond_timedwait");
  EXPECT_EQ(violation([&] { condition.wait_for(lock, second); }), "clock_gettime");
}

TEST(Guard, CatchesEntropy) {
  char bytes[8];
  EXPECT_EQ(violation([&] { (void)!getrandom(bytes, 8, 0); }), "getrandom");
  EXPECT_EQ(violation([&] { (void)!getentropy(bytes, 8); }), "getentropy");
  EXPECT_EQ(violation([] { (void)rand(); }), "rand");
  EXPECT_EQ(violation([] { srand(1); }), "srand");
  EXPECT_EQ(violation([] { (void)::random(); }), "random");
  EXPECT_EQ(violation([] { srandom(1); }), "srandom");
  EXPECT_EQ(violation([] { (void)arc4random(); }), "arc4random");
  EXPECT_EQ(violation([&] { arc4random_buf(bytes, 8); }), "arc4random_buf");
  EXPECT_EQ(violation([] { (void)arc4random_uniform(5); }), "arc4random_uniform");
}

TEST(Guard, CatchesTheRandomDevice) {
  std::random_device device;
  EXPECT_EQ(violation([&] { (void)device(); }), "std::random_device");
  EXPECT_EQ(violation([] { std::random_device named("/dev/urandom"); }), "open");
}

TEST(Guard, CatchesTheFilesOfEntropyAndNoOther) {
  EXPECT_EQ(violation([] { (void)open("/dev/urandom", O_RDONLY); }), "open");
  EXPECT_EQ(violation([] { (void)open64("/dev/random", O_RDONLY); }), "open64");
  EXPECT_EQ(violation([] { (void)openat(AT_FDCWD, "/dev/urandom", O_RDONLY); }), "openat");
  EXPECT_EQ(violation([] { (void)openat64(AT_FDCWD, "/dev/urandom", O_RDONLY); }), "openat64");
  EXPECT_EQ(violation([] { (void)fopen("/dev/urandom", "r"); }), "fopen");
  EXPECT_EQ(violation([] { (void)fopen64("/dev/urandom", "r"); }), "fopen64");
  EXPECT_EQ(violation([] { std::ifstream in("/dev/urandom"); }).substr(0, 5), "fopen");
  EXPECT_EQ(violation([] { close(open("/dev/null", O_RDONLY)); }), "");
}

TEST(Guard, CatchesSockets) {
  int fds[2];
  pollfd fd{0, POLLIN, 0};
  timeval none{0, 0};
  epoll_event event;
  EXPECT_EQ(violation([] { (void)socket(AF_UNIX, SOCK_STREAM, 0); }), "socket");
  EXPECT_EQ(violation([&] { socketpair(AF_UNIX, SOCK_STREAM, 0, fds); }), "socketpair");
  EXPECT_EQ(violation([] { connect(-1, nullptr, 0); }), "connect");
  EXPECT_EQ(violation([] { accept(-1, nullptr, nullptr); }), "accept");
  EXPECT_EQ(violation([] {
              addrinfo* found;
              getaddrinfo("localhost", nullptr, nullptr, &found);
            }),
            "getaddrinfo");
  EXPECT_EQ(violation([&] { poll(&fd, 1, 0); }), "poll");
  EXPECT_EQ(violation([&] { select(0, nullptr, nullptr, nullptr, &none); }), "select");
  EXPECT_EQ(violation([&] { epoll_wait(-1, &event, 1, 0); }), "epoll_wait");
}

TEST(Guard, CatchesTheIdentityOfTheMachine) {
  char name[64];
  EXPECT_EQ(violation([] { (void)getpid(); }), "getpid");
  EXPECT_EQ(violation([&] { gethostname(name, sizeof name); }), "gethostname");
  EXPECT_EQ(violation([] { (void)std::thread::hardware_concurrency(); }), "get_nprocs");
  EXPECT_EQ(violation([] { (void)getenv("HOME"); }), "getenv");
  EXPECT_EQ(violation([] { (void)secure_getenv("HOME"); }), "secure_getenv");
}

TEST(Guard, CatchesSystemCallsByNumber) {
  EXPECT_EQ(violation([] { (void)syscall(SYS_getpid); }), "syscall");
}

struct LibraryCall {
  const char* symbol;    // of shared_library.cpp
  const char* function;  // that the guard names
};
constexpr LibraryCall library_calls[] = {
    {"library_steady_clock", "clock_gettime"},
    {"library_system_clock", "clock_gettime"},
    {"library_clock_gettime", "clock_gettime"},
    {"library_time", "time"},
    {"library_gettimeofday", "gettimeofday"},
    {"library_sleep_for", "nanosleep"},
    {"library_usleep", "usleep"},
    {"library_sleep", "sleep"},
    {"library_clock_nanosleep", "clock_nanosleep"},
    {"library_wait", "pthread_cond_wait"},
    {"library_wait_until_wall", "pthread_cond_timedwait"},
    {"library_wait_until_steady", "pthread_cond_clockwait"},
    {"library_thread", "pthread_create"},
    {"library_pthread", "pthread_create"},
    {"library_rand", "rand"},
    {"library_getrandom", "getrandom"},
    {"library_getentropy", "getentropy"},
    {"library_arc4random", "arc4random"},
    {"library_open", "open"},
    {"library_fopen", "fopen"},
    {"library_ifstream", "fopen64"},
    {"library_random_device", "std::random_device"},
    {"library_named_random_device", "open"},
    {"library_hardware_concurrency", "get_nprocs"},
    {"library_socket", "socket"},
    {"library_poll", "poll"},
    {"library_getpid", "getpid"},
    {"library_syscall", "syscall"},
    {"library_getenv", "getenv"},
};

class GuardInALibrary : public ::testing::TestWithParam<LibraryCall> {};

TEST_P(GuardInALibrary, CatchesWhatItReachesFor) {
  void* library = dlopen(BLACKOUT_GUARD_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  auto* call = reinterpret_cast<void (*)()>(dlsym(library, GetParam().symbol));
  ASSERT_NE(call, nullptr) << dlerror();
  EXPECT_EQ(violation(call), GetParam().function);
  EXPECT_EQ(caught.owner, 7U);
}

INSTANTIATE_TEST_SUITE_P(Symbols, GuardInALibrary, ::testing::ValuesIn(library_calls),
                         [](const auto& one) { return std::string(one.param.symbol); });

TEST(GuardOutside, PassesClocksAndSleepsToTheRealOnes) {
  timespec spec{};
  ASSERT_EQ(clock_gettime(CLOCK_REALTIME, &spec), 0);
  EXPECT_GT(spec.tv_sec, 1'600'000'000);
  EXPECT_GT(::time(nullptr), 1'600'000'000);
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(1));
}

TEST(GuardOutside, PassesThreadsAndConditionVariablesToTheRealOnes) {
  std::mutex mutex;
  std::condition_variable condition;
  bool done = false;
  std::thread thread([&] {
    const std::lock_guard lock(mutex);
    done = true;
    condition.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return done; });
    EXPECT_EQ(condition.wait_for(lock, std::chrono::milliseconds(1)), std::cv_status::timeout);
    EXPECT_EQ(condition.wait_until(lock, std::chrono::system_clock::now()),
              std::cv_status::timeout);
  }
  thread.join();
}

TEST(GuardOutside, PassesEntropyAndFilesToTheRealOnes) {
  std::random_device device;
  std::uint64_t all = 0;
  for (int i = 0; i < 8; ++i) all |= device();
  EXPECT_NE(all, 0U);
  const int fd = open("/dev/urandom", O_RDONLY);
  ASSERT_GE(fd, 0);
  char byte;
  EXPECT_EQ(read(fd, &byte, 1), 1);
  close(fd);
  srand(5);
  const int first = rand();
  srand(5);
  EXPECT_EQ(rand(), first);
}

TEST(GuardOutside, CreatesFilesWithTheModeAskedFor) {
  const std::string path = ::testing::TempDir() + "blackout_guard_" + std::to_string(getpid());
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_EXCL, 0600);
  ASSERT_GE(fd, 0);
  struct stat status {};
  EXPECT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  close(fd);
  unlink(path.c_str());
}

TEST(GuardOutside, PassesProcessesSystemCallsAndTheEnvironmentToTheRealOnes) {
  const pid_t child = fork();
  if (child == 0) _exit(3);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(syscall(SYS_getpid), getpid());
  setenv("BLACKOUT_GUARD_TEST", "on", 1);
  EXPECT_STREQ(getenv("BLACKOUT_GUARD_TEST"), "on");
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  pollfd waiting{fds[0], POLLOUT, 0};
  EXPECT_EQ(poll(&waiting, 1, 0), 1);
  close(fds[0]);
  close(fds[1]);
}

TEST(GuardDeathTest, AbortsWithTheNameWhereNobodyHandles) {
  EXPECT_DEATH(
      {
        enter(1);
        (void)::time(nullptr);
      },
      "time called inside a guarded section");
}

}  // namespace
}  // namespace blackout::guard
