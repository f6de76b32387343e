#include "host/base/heap.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <limits>

#include "host/base/check.hpp"
#include "host/base/large_array.hpp"

namespace blackout {
inline namespace base {

void grow_heap_on_huge_pages(std::size_t bytes) {
  constexpr int never = std::numeric_limits<int>::max();
  CHECK(bytes < never, "glibc takes no larger step");
  constexpr int usual_step = 1 << 20;
  // What does not fit is taken from the break, never mapped: such a block it is that moves it.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, never);
  ::mallopt(M_TOP_PAD, static_cast<int>(bytes));
  const auto before = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* volatile block = std::malloc(::mallinfo2().keepcost + huge_page_bytes);
  std::free(block);
  ::mallopt(M_TOP_PAD, usual_step);
  const auto after = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::uintptr_t from = (before + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
  if (from < after) ::madvise(reinterpret_cast<void*>(from), after - from, MADV_HUGEPAGE);
}

}  // namespace base
}  // namespace blackout
