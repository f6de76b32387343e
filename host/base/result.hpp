// Result<T, E>: a value, or the error of an operation that the world may refuse.
//
// E is a small closed enum of the module that returns it. Reading the wrong side is a programming
// error and fails a CHECK. For a broken program (not a misbehaving world) use CHECK, never a
// Result.
#pragma once

#include <utility>
#include <variant>

#include "host/base/check.hpp"

namespace blackout {
inline namespace base {

template <class E>
struct Failure {
  E error;
};

template <class E>
constexpr Failure<E> failure(E error) {
  return Failure<E>{std::move(error)};
}

template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure<E> failed) : state_(std::in_place_index<1>, std::move(failed.error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  const E& error() const {
    CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(Failure<E> failed) : failed_(true), error_(std::move(failed.error)) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const E& error() const {
    CHECK(failed_);
    return error_;
  }

 private:
  bool failed_ = false;
  E error_{};
};

}  // namespace base
}  // namespace blackout
