// Code that nobody here compiled, as the guard sees it: a shared library that is loaded at run time
// and reaches for the machine, once in each way that unmodified libraries do.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

namespace {

using namespace std::chrono;

std::mutex mutex;
std::condition_variable condition;

// Nobody takes the mutex: whoever waits with it is abandoned before its lock would give it back.
std::unique_lock<std::mutex> held() { return {mutex, std::adopt_lock}; }

}  // namespace

extern "C" {
void library_steady_clock() { (void)steady_clock::now(); }
void library_system_clock() { (void)system_clock::now(); }
void library_clock_gettime() {
  timespec spec;
  clock_gettime(CLOCK_REALTIME, &spec);
}
void library_time() { (void)time(nullptr); }
void library_gettimeofday() {
  timeval value;
  gettimeofday(&value, nullptr);
}
void library_sleep_for() { std::this_thread::sleep_for(seconds(1)); }
void library_usleep() { usleep(1); }
void library_sleep() { sleep(1); }
void library_clock_nanosleep() {
  const timespec span{0, 1};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &span, nullptr);
}
void library_wait() {
  auto lock = held();
  condition.wait(lock);
}
void library_wait_until_wall() {
  auto lock = held();
  condition.wait_until(lock, system_clock::time_point(hours(1'000'000)));
}
void library_wait_until_steady() {
  auto lock = held();
  condition.wait_until(lock, steady_clock::time_point(hours(1'000'000)));
}
void library_thread() {
  std::thread([] {}).detach();
}
void library_pthread() {
  pthread_t thread;
  pthread_create(
      &thread, nullptr, [](void* argument) { return argument; }, nullptr);
}
void library_rand() { (void)rand(); }
void library_getrandom() {
  char byte;
  (void)!getrandom(&byte, 1, 0);
}
void library_getentropy() {
  char byte;
  (void)!getentropy(&byte, 1);
}
void library_arc4random() { (void)arc4random(); }
void library_open() { (void)open("/dev/urandom", O_RDONLY); }
void library_fopen() { (void)fopen("/dev/urandom", "r"); }
void library_ifstream() { std::ifstream in("/dev/urandom"); }
void library_random_device() { (void)std::random_device()(); }
void library_named_random_device() { std::random_device device("/dev/urandom"); }
void library_hardware_concurrency() { (void)std::thread::hardware_concurrency(); }
void library_socket() { (void)socket(AF_INET, SOCK_STREAM, 0); }
void library_poll() { poll(nullptr, 0, 0); }
void library_getpid() { (void)getpid(); }
void library_syscall() { (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, nullptr); }
void library_getenv() { (void)getenv("HOME"); }
}
