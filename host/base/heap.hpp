// The C library's heap on huge pages, for a process that will fill some hundred MiB.
//
// Written for the first time, 4 KiB pages cost a fault each: a fifth of the time of a whole run.
#pragma once

#include <cstddef>

namespace blackout {
inline namespace base {

// The next `bytes` that the heap grows by stand on huge pages where the system has them; it never
// shrinks from then on, and no block is mapped apart. Address space is taken at once, memory as it
// is used; that it cannot be had changes nothing else. Without effect where the heap is not
// glibc's. `bytes` is below 2 GiB, else CHECK. Once, before other threads.
void grow_heap_on_huge_pages(std::size_t bytes);

}  // namespace base
}  // namespace blackout
