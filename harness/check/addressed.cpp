// addressed: a message is sent to a node that exists. One to nobody was meant for somebody: its
// sender mistook what it knew, or used what it had already given up; what it knew last of a leader
// is told with it. O(1) per message lost and per change of role.
#include <map>
#include <optional>

#include "harness/check/checker.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

class Addressed final : public Checker {
 public:
  explicit Addressed(const Case& facts)
      : Checker(facts, "addressed", {EventKind::message_dropped, EventKind::role_changed}) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::role_changed) return changed(event, id);
    ++checked_;
    if (event.a != 0) return;
    const std::string who = facts_.node(event.node);
    std::string sentence = who + " sends " + std::to_string(event.b) + " bytes to nobody";
    std::vector<record::StoryLine> story;
    const Leaders& knows = leaders_[event.node];
    if (knows.none_since) {
      sentence += ", as it knows no leader since " + format_moment(knows.none_since->at);
      if (knows.last) story.push_back(*knows.last);
      story.push_back(*knows.none_since);
    }
    story.push_back({event.at, who, "sends to nobody", id});
    found(event.at, id, sentence + ".", std::move(story));
  }

 private:
  struct Leaders {
    std::optional<record::StoryLine> last;        // when one was known
    std::optional<record::StoryLine> none_since;  // while none is
  };

  void changed(const Event& event, EventId id) {
    Leaders& knows = leaders_[event.node];
    const std::string who = facts_.node(event.node);
    const std::string in_term = " in term " + std::to_string(event.b);
    if (event.c != 0) {
      const std::string leader = facts_.node_of_word(event.c);
      knows.last = {event.at, who, (leader == who ? "leads" : "follows " + leader) + in_term, id};
      knows.none_since.reset();
    } else if (!knows.none_since) {
      knows.none_since = {event.at, who, "knows no leader any more" + in_term, id};
    }
  }

  std::map<NodeId, Leaders> leaders_;
};

}  // namespace

CheckerPtr addressed(const Case& facts) { return std::make_unique<Addressed>(facts); }

}  // namespace blackout::check
