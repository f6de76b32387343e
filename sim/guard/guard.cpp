// The definitions that preempt libc's. This file holds the only mutable state outside a world, and
// the only function-local statics: addresses of the real functions.
#undef _FORTIFY_SOURCE

#include "sim/guard/guard.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace blackout::guard {

State state;

namespace {

void check(const char* function) {
  if (!state.inside) [[likely]]
    return;
  leave();
  if (state.handler != nullptr) state.handler(state.context, function, state.owner);
  std::fprintf(stderr, "blackout: %s called inside a guarded section\n", function);
  std::abort();
}

void check_file(const char* function, const char* path) {
  if (std::strcmp(path, "/dev/urandom") == 0 || std::strcmp(path, "/dev/random") == 0) {
    check(function);
  }
}

// The function that would be called without this file. A sanitizer that is linked statically
// (clang's) has its interceptor in this executable, where RTLD_NEXT does not look; it goes first,
// for threads must be known to it. Plain dlsym would give the condition variables of glibc
// before 2.3.2, which are laid out otherwise.
void* find_real(const char* name, void* interceptor, const char* version) {
  if (interceptor != nullptr) return interceptor;
  void* found = version != nullptr ? dlvsym(RTLD_NEXT, name, version) : nullptr;
  if (found == nullptr) found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::fprintf(stderr, "blackout: no real %s to pass to\n", name);
    std::abort();
  }
  return found;
}

}  // namespace
}  // namespace blackout::guard

#define REAL_VERSION(name, version)                                                             \
  ([]() -> decltype(&::name) {                                                                  \
    static std::atomic<void*> real{nullptr};                                                    \
    void* found = real.load(std::memory_order_relaxed);                                         \
    if (found == nullptr) {                                                                     \
      found = blackout::guard::find_real(#name, reinterpret_cast<void*>(&__interceptor_##name), \
                                         version);                                              \
      real.store(found, std::memory_order_relaxed);                                             \
    }                                                                                           \
    return reinterpret_cast<decltype(&::name)>(found);                                          \
  }())

// Defines `name` with the attributes of libc's own declaration (`specifier`: noexcept or nothing).
#define GUARDED_VERSION(version, result, name, parameters, arguments, specifier) \
  extern "C" __attribute__((weak)) void __interceptor_##name();                  \
  extern "C" result name parameters specifier {                                  \
    blackout::guard::check(#name);                                               \
    return REAL_VERSION(name, version) arguments;                                \
  }
#define GUARDED(result, name, parameters, arguments, specifier) \
  GUARDED_VERSION(nullptr, result, name, parameters, arguments, specifier)

// Clocks.
GUARDED(int, clock_gettime, (clockid_t clock, timespec* out), (clock, out), noexcept)
GUARDED(int, gettimeofday, (timeval * out, void* zone), (out, zone), noexcept)
GUARDED(time_t, time, (time_t * out), (out), noexcept)
GUARDED(int, timespec_get, (timespec * out, int base), (out, base), noexcept)
GUARDED(clock_t, clock, (), (), noexcept)

// Sleeping.
GUARDED(int, nanosleep, (const timespec* span, timespec* left), (span, left), )
GUARDED(int, clock_nanosleep, (clockid_t clock, int flags, const timespec* span, timespec* left),
        (clock, flags, span, left), )
GUARDED(int, usleep, (useconds_t microseconds), (microseconds), )
GUARDED(unsigned, sleep, (unsigned seconds), (seconds), )
GUARDED(int, sched_yield, (), (), noexcept)

// Threads and processes.
GUARDED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t* attributes, void* (*start)(void*),
         void* argument),
        (thread, attributes, start, argument), noexcept)
GUARDED_VERSION("GLIBC_2.3.2", int, pthread_cond_wait,
                (pthread_cond_t * condition, pthread_mutex_t* mutex), (condition, mutex), )
GUARDED_VERSION("GLIBC_2.3.2", int, pthread_cond_timedwait,
                (pthread_cond_t * condition, pthread_mutex_t* mutex, const timespec* until),
                (condition, mutex, until), )
GUARDED(int, pthread_cond_clockwait,
        (pthread_cond_t * condition, pthread_mutex_t* mutex, clockid_t clock,
         const timespec* until),
        (condition, mutex, clock, until), )
GUARDED(pid_t, fork, (), (), noexcept)
GUARDED(int, posix_spawn,
        (pid_t * pid, const char* path, const posix_spawn_file_actions_t* actions,
         const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
        (pid, path, actions, attributes, arguments, environment), )
GUARDED(int, system, (const char* command), (command), )
GUARDED(FILE*, popen, (const char* command, const char* mode), (command, mode), )

// Entropy.
GUARDED(ssize_t, getrandom, (void* out, size_t size, unsigned flags), (out, size, flags), )
GUARDED(int, getentropy, (void* out, size_t size), (out, size), )
GUARDED(int, rand, (), (), noexcept)
GUARDED(void, srand, (unsigned seed), (seed), noexcept)
GUARDED(long, random, (), (), noexcept)
GUARDED(void, srandom, (unsigned seed), (seed), noexcept)
#if __GLIBC_PREREQ(2, 36)
GUARDED(std::uint32_t, arc4random, (), (), noexcept)
GUARDED(void, arc4random_buf, (void* out, size_t size), (out, size), noexcept)
GUARDED(std::uint32_t, arc4random_uniform, (std::uint32_t bound), (bound), noexcept)
#endif

// Sockets and waiting for them.
GUARDED(int, socket, (int domain, int type, int protocol), (domain, type, protocol), noexcept)
GUARDED(int, socketpair, (int domain, int type, int protocol, int* out),
        (domain, type, protocol, out), noexcept)
GUARDED(int, connect, (int fd, const sockaddr* address, socklen_t size), (fd, address, size), )
GUARDED(int, accept, (int fd, sockaddr* address, socklen_t* size), (fd, address, size), )
GUARDED(int, getaddrinfo,
        (const char* node, const char* service, const addrinfo* hints, addrinfo** out),
        (node, service, hints, out), )
GUARDED(int, poll, (pollfd * fds, nfds_t count, int timeout), (fds, count, timeout), )
GUARDED(int, select, (int count, fd_set* read, fd_set* write, fd_set* other, timeval* timeout),
        (count, read, write, other, timeout), )
GUARDED(int, epoll_wait, (int fd, epoll_event* events, int count, int timeout),
        (fd, events, count, timeout), )

// What tells one machine or process from another.
GUARDED(pid_t, getpid, (), (), noexcept)
GUARDED(int, gethostname, (char* out, size_t size), (out, size), noexcept)
GUARDED(int, get_nprocs, (), (), noexcept)
GUARDED(char*, getenv, (const char* name), (name), noexcept)
GUARDED(char*, secure_getenv, (const char* name), (name), noexcept)

// Files: only those that give entropy. The third argument is there when the flags create a file,
// and then an int to the calling convention as well.
#define GUARDED_FOPEN(name)                                     \
  extern "C" __attribute__((weak)) void __interceptor_##name(); \
  extern "C" FILE* name(const char* path, const char* mode) {   \
    blackout::guard::check_file(#name, path);                   \
    return REAL_VERSION(name, nullptr)(path, mode);             \
  }
#define GUARDED_OPEN(name, parameters, arguments)                     \
  extern "C" __attribute__((weak)) void __interceptor_##name();       \
  extern "C" int name parameters {                                    \
    blackout::guard::check_file(#name, path);                         \
    mode_t mode = 0;                                                  \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
      va_list rest;                                                   \
      va_start(rest, flags);                                          \
      mode = va_arg(rest, mode_t);                                    \
      va_end(rest);                                                   \
    }                                                                 \
    return REAL_VERSION(name, nullptr) arguments;                     \
  }
GUARDED_FOPEN(fopen)
GUARDED_FOPEN(fopen64)
GUARDED_OPEN(open, (const char* path, int flags, ...), (path, flags, mode))
GUARDED_OPEN(open64, (const char* path, int flags, ...), (path, flags, mode))
GUARDED_OPEN(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))
GUARDED_OPEN(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))

// Any system call by number. It takes up to six words, read whether or not they were passed.
extern "C" __attribute__((weak)) void __interceptor_syscall();
extern "C" __attribute__((no_sanitize_address)) long syscall(long number, ...) noexcept {
  blackout::guard::check("syscall");
  long words[6];
  va_list rest;
  va_start(rest, number);
  for (long& word : words) word = va_arg(rest, long);
  va_end(rest);
  return REAL_VERSION(syscall, nullptr)(number, words[0], words[1], words[2], words[3], words[4],
                                        words[5]);
}

#if defined(__GLIBCXX__)
// std::random_device's default source executes RDRAND and passes no function of libc.
extern "C" unsigned blackout_random_device_value(void* device) __asm__(
    "_ZNSt13random_device9_M_getvalEv");
extern "C" unsigned blackout_random_device_value(void* device) {
  blackout::guard::check("std::random_device");
  static std::atomic<void*> real{nullptr};
  void* found = real.load(std::memory_order_relaxed);
  if (found == nullptr) {
    found = blackout::guard::find_real("_ZNSt13random_device9_M_getvalEv", nullptr, nullptr);
    real.store(found, std::memory_order_relaxed);
  }
  return reinterpret_cast<unsigned (*)(void*)>(found)(device);
}
#endif
