// What answers alone can prove against linearizability, whatever the order of the operations was.
//
// Versions of a key only grow, and each has one last operation and one balance. So no order
// explains
//   - an answer of a lower version than one that was complete before the request was first sent;
//   - a write that was given the version of another, or one that an earlier answer had shown;
//   - two answers of one version with different contents;
//   - a last operation that was never sent to that key, failed, was refused, or was sent later;
//   - an acknowledged write that the final state does not show.
// Writes to records are conflict_rules' concern. Sound, not complete.
#pragma once

#include <optional>
#include <vector>

#include "harness/check/final_state.hpp"
#include "harness/check/order.hpp"

namespace blackout::check {

class Answers {
 public:
  Answers(const Case& facts, const FinalState& state);

  // Lost where the plan allows loss, or an answer that saw such a write.
  [[nodiscard]] bool left_out(const record::Operation& operation) const;

  // The first contradiction by the time of the later answer; without id and rule.
  [[nodiscard]] std::optional<record::Finding> contradiction() const;

 private:
  using Operations = std::vector<const record::Operation*>;
  [[nodiscard]] std::optional<record::Finding> in_key(Operations& answers) const;
  [[nodiscard]] std::optional<record::Finding> against(const record::Operation& before,
                                                       const record::Operation& after) const;
  [[nodiscard]] std::optional<record::Finding> out_of_nowhere(
      const record::Operation& answer) const;
  [[nodiscard]] record::Finding two(const record::Operation& one, const record::Operation& other,
                                    const std::string& sentence) const;
  [[nodiscard]] std::string saw(const record::Operation& operation) const;
  void tell_answer(const record::Operation& operation, std::vector<record::StoryLine>& story) const;

  const Case& facts_;
  const FinalState& state_;
  std::vector<const ServedRead*> served_;  // by operation - 1: the last before its completion
};

}  // namespace blackout::check
