// An array that never moves; a large one stands on huge pages where the system has them.
//
// A table of some MiB that is visited at random costs a miss of the address cache at almost every
// visit when it stands on 4 KiB pages, and a fault for each of them when it is first written.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace blackout {
inline namespace base {

inline constexpr std::size_t huge_page_bytes = 2u << 20;

// Whole huge pages, mapped apart: between two aligned blocks the heap would leave a gap of a page.
void* map_huge_pages(std::size_t bytes);  // throws std::bad_alloc
void unmap_huge_pages(void* memory, std::size_t bytes);

template <class T>
struct LargeArrayDelete {
  std::size_t count = 0;
  void operator()(T* items) const {
    std::destroy_n(items, count);
    if (count * sizeof(T) >= huge_page_bytes) {
      unmap_huge_pages(items, count * sizeof(T));
    } else {
      ::operator delete[](static_cast<void*>(items), std::align_val_t{alignof(T)});
    }
  }
};

template <class T>
using LargeArray = std::unique_ptr<T[], LargeArrayDelete<T>>;

// Default-initialised: bytes and the like have no value before they are written.
template <class T>
LargeArray<T> make_large_array(std::size_t count) {
  const std::size_t bytes = count * sizeof(T);
  void* const memory = bytes >= huge_page_bytes
                           ? map_huge_pages(bytes)
                           : ::operator new[](bytes, std::align_val_t{alignof(T)});
  T* const items = static_cast<T*>(memory);
  std::uninitialized_default_construct_n(items, count);
  return LargeArray<T>(items, LargeArrayDelete<T>{count});
}

}  // namespace base
}  // namespace blackout
