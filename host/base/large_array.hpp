// An array that never moves; a large one stands on huge pages where the system has them.
//
// A table of some MiB that is visited at random costs a miss of the address cache at almost every
// visit when it stands on 4 KiB pages, and a fault for each of them when it is first written.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace blackout {
inline namespace base {

inline constexpr std::size_t huge_page_bytes = 2u << 20;

template <class T>
struct LargeArrayDelete {
  std::size_t count = 0;
  void operator()(T* items) const {
    std::destroy_n(items, count);
    ::operator delete[](static_cast<void*>(items), alignment(count));
  }
  static std::align_val_t alignment(std::size_t count) {
    return std::align_val_t{count * sizeof(T) >= huge_page_bytes ? huge_page_bytes : alignof(T)};
  }
};

template <class T>
using LargeArray = std::unique_ptr<T[], LargeArrayDelete<T>>;

// Default-initialised: bytes and the like have no value before they are written.
template <class T>
LargeArray<T> make_large_array(std::size_t count) {
  const std::size_t bytes = count * sizeof(T);
  void* const memory = ::operator new[](bytes, LargeArrayDelete<T>::alignment(count));
  if (bytes >= huge_page_bytes) ::madvise(memory, bytes, MADV_HUGEPAGE);
  T* const items = static_cast<T*>(memory);
  std::uninitialized_default_construct_n(items, count);
  return LargeArray<T>(items, LargeArrayDelete<T>{count});
}

}  // namespace base
}  // namespace blackout
