#include "host/base/heap.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace blackout {
namespace {

// Page faults of a process that fills 64 MiB in small blocks; -1 if it could not be asked.
long faults_of_filling(bool on_huge_pages) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    if (on_huge_pages) grow_heap_on_huge_pages(std::size_t{128} << 20);
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    std::vector<std::vector<char>> blocks(1024);
    for (auto& block : blocks) block.assign(std::size_t{64} << 10, 'x');
    ::getrusage(RUSAGE_SELF, &after);
    const long faults = after.ru_minflt - before.ru_minflt;
    ::_exit(::write(ends[1], &faults, sizeof faults) == sizeof faults ? 0 : 1);
  }
  long faults = -1;
  if (::read(ends[0], &faults, sizeof faults) != sizeof faults) faults = -1;
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  return faults;
}

TEST(Heap, OnHugePagesFaultsFarLessOften) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the heap is the sanitizer's";
#endif
  const long usual = faults_of_filling(false), huge = faults_of_filling(true);
  ASSERT_GT(usual, 0);
  std::ifstream in("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string enabled;
  std::getline(in, enabled);
  if (enabled.empty() || enabled.find("[never]") != std::string::npos) {
    GTEST_SKIP() << "this system gives no huge pages";
  }
  EXPECT_LT(huge, usual / 4);
}

}  // namespace
}  // namespace blackout
