// The memory that the library takes in one incarnation of a node: what a crash abandons goes with
// it.
//
// Blocks are of a power of two and are reused last in, first out, so that a use after free has the
// same outcome in every run; their content is overwritten when they are freed, and a block that is
// freed twice fails a CHECK. The library knows one heap for the whole process, and keeps that of a
// node that is gone until another enters: enter() before each call into it, and again after each
// wait below one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/system/libraft/library.hpp"

namespace blackout::system::libraft {

class Heap {
 public:
  Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  void enter() { raft_heap_set(&hooks_); }

 private:
  struct Header;
  static constexpr std::size_t classes = 40;

  void* take(std::size_t size);
  void give_back(void* payload);
  [[nodiscard]] std::uint8_t* carve(std::size_t bytes);

  raft_heap hooks_;
  std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
  std::uint8_t* next_ = nullptr;  // what is left of the last chunk
  std::size_t left_ = 0;
  std::array<std::vector<void*>, classes> free_;  // payloads, by class
};

}  // namespace blackout::system::libraft
