#include "host/base/large_array.hpp"

#include <sys/mman.h>

#include <cstdint>

namespace blackout {
inline namespace base {
namespace {

constexpr std::size_t whole_pages(std::size_t bytes) {
  return (bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
}

}  // namespace

void* map_huge_pages(std::size_t bytes) {
  const std::size_t wanted = whole_pages(bytes), mapped = wanted + huge_page_bytes;
  void* const memory =
      ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Only an aligned huge page is one; what stands before and behind goes back.
  auto* const first = static_cast<std::uint8_t*>(memory);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(first) % huge_page_bytes;
  if (before > 0) ::munmap(first, before);
  if (before < huge_page_bytes) ::munmap(first + before + wanted, huge_page_bytes - before);
  ::madvise(first + before, wanted, MADV_HUGEPAGE);
  return first + before;
}

void unmap_huge_pages(void* memory, std::size_t bytes) { ::munmap(memory, whole_pages(bytes)); }

}  // namespace base
}  // namespace blackout
