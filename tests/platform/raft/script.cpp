#include "tests/platform/raft/script.hpp"

#include <array>
#include <functional>
#include <optional>
#include <sstream>
#include <vector>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

constexpr std::array role_names{"follower", "pre_candidate", "candidate", "leader"};
constexpr std::array suffrage_names{"learns", "votes", "comes", "goes", "is gone"};
constexpr std::array kind_names{"pre_vote_request",  "pre_vote_response",  "vote_request",
                                "vote_response",     "append_request",     "append_response",
                                "heartbeat_request", "heartbeat_response", "timeout_now",
                                "committed_request", "committed_response", "snapshot_request",
                                "snapshot_response", "join_request",       "committed_snapshot"};

// "3/2": index/term.
std::string place(Index index, Term term) {
  return std::to_string(index.value()) + "/" + std::to_string(term.value());
}

std::string describe(const std::vector<Entry>& entries) {
  std::string text = "[";
  for (const Entry& entry : entries) {
    if (text.size() > 1) text += ", ";
    const BytesView payload = view_of(entry.payload);
    text += place(entry.index, entry.term) + " ";
    text += entry.kind == EntryKind::no_op           ? "no_op"
            : entry.kind == EntryKind::configuration ? text_of(configuration_of(entry))
                                                     : std::string(payload.begin(), payload.end());
  }
  return text + "]";
}

std::string describe(const Message& message) {
  std::ostringstream text;
  text << node_name(message.to) << " " << kind_names[static_cast<std::size_t>(message.kind)]
       << " term=" << message.term.value();
  switch (message.kind) {
    case MessageKind::pre_vote_request:
    case MessageKind::vote_request:
      text << " last=" << place(message.log_index, message.log_term);
      if (message.transfer) text << " transfer";
      break;
    case MessageKind::append_request:
      text << " after=" << place(message.log_index, message.log_term)
           << " commit=" << message.commit.value() << " " << describe(message.entries);
      break;
    case MessageKind::append_response:
      text << (message.reject ? " reject=" : " match=") << message.log_index.value();
      if (message.reject) text << " hint=" << place(message.hint_index, message.hint_term);
      break;
    case MessageKind::heartbeat_request:
      text << " commit=" << message.commit.value() << " round=" << message.context;
      break;
    case MessageKind::heartbeat_response:
      text << " round=" << message.context;
      break;
    case MessageKind::pre_vote_response:
    case MessageKind::vote_response:
      text << (message.reject ? " refused" : " granted");
      break;
    case MessageKind::committed_request:
      text << " last=" << place(message.log_index, message.log_term)
           << " commit=" << message.commit.value();
      if (message.context > 0) {
        text << " has " << message.context << " of " << message.hint_index.value();
      }
      break;
    case MessageKind::committed_response:
      text << " after=" << place(message.log_index, message.log_term)
           << " commit=" << message.commit.value() << " " << describe(message.entries);
      break;
    case MessageKind::snapshot_request:
    case MessageKind::committed_snapshot:
      text << " last=" << place(message.log_index, message.log_term) << " bytes "
           << message.chunk->offset << "+" << view_of(message.chunk->bytes).size() << " of "
           << message.chunk->size;
      break;
    case MessageKind::snapshot_response:
      text << " last=" << place(message.log_index, message.log_term) << " has " << message.context
           << (message.reject ? " gap" : "");
      break;
    case MessageKind::join_request:
      text << " disk=" << message.from_disk.value();
      break;
    case MessageKind::timeout_now:
      break;
  }
  return text.str();
}

// Facts that the entries and messages of an Output do not show already.
std::optional<std::string> describe(const Fact& fact) {
  std::ostringstream text;
  switch (fact.kind) {
    case EventKind::election_timeout:
      text << "election timeout in term " << fact.a << " after " << fact.b << " ticks";
      break;
    case EventKind::role_changed:
      text << role_names[fact.a] << " in term " << fact.b << ", leader "
           << node_name(node_of_word(fact.c));
      break;
    case EventKind::vote_cast:
      text << "vote for " << node_name(node_of_word(fact.a)) << " in term " << fact.b;
      break;
    case EventKind::match_advanced:
      text << "match of " << node_name(node_of_word(fact.a)) << " " << fact.b << "/" << fact.c;
      break;
    case EventKind::commit_advanced:
      text << "commit " << fact.a << "/" << fact.b;
      break;
    case EventKind::snapshot_offered:
      text << "snapshot up to " << fact.b << " for " << node_name(node_of_word(fact.a));
      break;
    case EventKind::member_changed:
      text << node_name(node_of_word(fact.a)) << " " << suffrage_names[fact.b] << " by " << fact.c;
      break;
    case EventKind::leadership_transfer:
      text << "hand over to " << node_name(node_of_word(fact.a));
      break;
    default:
      return std::nullopt;
  }
  return text.str();
}

class Script {
 public:
  std::string run(const std::string& command) {
    out_.str("");
    std::istringstream words(command);
    std::string word;
    words >> word;
    arguments_.clear();
    for (std::string argument; words >> argument;) arguments_.push_back(argument);
    obey(word);
    const std::string& wrong = cluster_.has_value() ? cluster_->ghost().wrong() : none_;
    if (!wrong.empty()) out_ << "VIOLATION " << wrong << "\n";
    return out_.str().empty() ? "ok\n" : out_.str();
  }

 private:
  void obey(const std::string& verb) {
    if (verb == "add-nodes") {
      add_nodes();
    } else if (verb == "campaign") {
      while (raft(0).role() == Role::follower) tick(node(0));
    } else if (verb == "elect") {
      cluster_->elect(node(0));
      status();
    } else if (verb == "tick") {
      for (std::size_t i = 0; i < number(1); ++i) {
        for (std::size_t n = 0; n < cluster_->size(); ++n) {
          if (arguments_[0] == "all" || n == node(0)) tick(n);
        }
      }
    } else if (verb == "propose") {
      propose();
    } else if (verb == "read") {
      const auto asked = raft(0).read(number(1));
      constexpr std::array errors{"not_leader", "term_not_committed", "too_many"};
      if (!asked.ok())
        out_ << "refused: " << errors[static_cast<std::size_t>(asked.error())] << "\n";
      settle(node(0));
    } else if (verb == "transfer") {
      const auto asked = raft(0).transfer(NodeId(static_cast<std::uint32_t>(node(1))));
      if (!asked.ok()) out_ << "refused\n";
      settle(node(0));
    } else if (verb == "reconfigure") {
      reconfigure();
    } else if (verb == "deliver") {
      deliver();
    } else if (verb == "drop") {
      for (const Message& message : take_between()) out_ << "lost " << describe(message) << "\n";
    } else if (verb == "cut") {
      if (arguments_.size() == 1) {
        cluster_->isolate(node(0));
      } else {
        cluster_->cut_one_way(node(0), node(1));
      }
    } else if (verb == "heal") {
      cluster_->heal();
    } else if (verb == "persist") {
      persist();
    } else if (verb == "restart") {
      restart();
    } else if (verb == "replace-disk") {
      cluster_->replace_disk(node(0));
    } else if (verb == "compact") {
      cluster_->compact(node(0));
    } else if (verb == "status") {
      status();
    } else {
      out_ << "unknown command\n";
    }
  }

  std::size_t number(std::size_t i) { return std::stoul(arguments_.at(i)); }
  std::size_t node(std::size_t i) { return number(i); }
  Raft& raft(std::size_t i) { return (*cluster_)[node(i)]; }

  // The numbers of "key=1,2,3", or none.
  std::vector<std::uint64_t> option(const std::string& key) {
    std::vector<std::uint64_t> values;
    for (const std::string& argument : arguments_) {
      if (!argument.starts_with(key + "=")) continue;
      std::istringstream list(argument.substr(key.size() + 1));
      for (std::string value; std::getline(list, value, ',');) values.push_back(std::stoull(value));
    }
    return values;
  }

  void add_nodes() {
    Config config = Cluster::default_config();
    for (const auto value : option("inflight")) config.inflight_max.messages = value;
    for (const auto value : option("inflight_bytes")) config.inflight_max.bytes = value;
    for (const auto value : option("batch")) config.batch_bytes_max = value;
    for (const auto value : option("uncommitted")) config.uncommitted_bytes_max = value;
    for (const auto value : option("transfer_interval")) {
      config.transfer_interval_ticks = static_cast<std::uint32_t>(value);
    }
    for (const auto value : option("preference")) {
      config.preference.emplace_back(static_cast<std::uint32_t>(value));
    }
    std::size_t spares = 0;
    for (const auto value : option("spares")) spares = value;
    cluster_.emplace(number(0), config, spares);
  }

  void propose() {
    std::vector<Proposal> proposals;
    for (std::size_t i = 1; i < arguments_.size(); ++i) {
      proposals.push_back({payload_of(arguments_[i])});
    }
    const auto index = raft(0).propose(std::move(proposals));
    constexpr std::array errors{"not_leader", "too_much_uncommitted", "transferring"};
    if (!index.ok()) out_ << "refused: " << errors[static_cast<std::size_t>(index.error())] << "\n";
    settle(node(0));
  }

  // Each with the disk that it has now.
  void reconfigure() {
    std::vector<MemberId> voters;
    for (std::size_t i = 1; i < arguments_.size(); ++i) {
      voters.push_back(cluster_->at(node(i)).id());
    }
    const auto begun = raft(0).reconfigure(voters);
    constexpr std::array errors{"not_leader", "term_not_committed", "changing", "transferring",
                                "invalid"};
    if (!begun.ok()) out_ << "refused: " << errors[static_cast<std::size_t>(begun.error())] << "\n";
    settle(node(0));
  }

  void persist() {
    Cluster::Node& target = cluster_->at(node(0));
    target.disk_held = arguments_.at(1) != "release";
    if (arguments_[1] == "hold") return;
    const std::size_t before = cluster_->network.size();
    if (arguments_[1] == "one") {
      cluster_->persist_one(node(0));
    } else {
      while (!target.unpersisted.empty()) cluster_->persist_one(node(0));
    }
    if (cluster_->network.size() > before) out_ << "n" << node(0) << "\n";
    show_sent(before);
    settle(node(0));
  }

  void restart() {
    Cluster::Node& target = cluster_->at(node(0));
    if (const auto terms = option("log"); !terms.empty()) {
      target.disk.entries.clear();
      for (const std::uint64_t term : terms) {
        Entry entry;
        entry.term = Term(term);
        entry.index = Index(target.disk.entries.size() + 1);
        entry.payload = payload_of("t" + std::to_string(term));
        target.disk.entries.push_back(std::move(entry));
      }
    }
    for (const auto term : option("term")) target.disk.hard_state = {Term(term), no_node};
    cluster_->restart(node(0));
    const Raft& fresh = raft(0);
    out_ << "n" << node(0) << " recovers term " << fresh.term().value() << ", vote "
         << node_name(fresh.hard_state().vote) << ", last "
         << place(fresh.log().last_index(), fresh.log().last_term()) << "\n";
  }

  void status() {
    for (std::size_t i = 0; i < cluster_->size(); ++i) {
      const Raft& member = (*cluster_)[i];
      out_ << "n" << i << " " << role_names[static_cast<std::size_t>(member.role())] << " term "
           << member.term().value() << ", commit " << member.commit().value() << ", log";
      const Index released = (*cluster_)[i].log().base().index;
      if (released > Index()) out_ << " (" << released.value() << " released)";
      for (const std::uint64_t term : cluster_->terms(i)) out_ << " " << term;
      out_ << "\n";
      for (const Progress& follower : member.followers()) {
        constexpr std::array states{"probe", "replicate", "snapshot"};
        out_ << "  " << node_name(follower.id) << " "
             << states[static_cast<std::size_t>(follower.state)] << " match "
             << follower.match.value() << ", next " << follower.next.value() << ", under way "
             << follower.inflight_messages();
        if (follower.state == Progress::State::snapshot) {
          out_ << ", bytes " << follower.bytes_stored << " of " << follower.bytes_sent << " sent";
        }
        out_ << "\n";
      }
    }
    for (const Message& message : cluster_->network) {
      out_ << "under way from " << node_name(message.from) << ": " << describe(message) << "\n";
    }
  }

  void tick(std::size_t n) {
    (*cluster_)[n].tick();
    settle(n);
  }

  void deliver() {
    if (!arguments_.empty()) {
      for (Message& message : take_between()) deliver_one(std::move(message));
      return;
    }
    while (!cluster_->network.empty()) {
      Message message = std::move(cluster_->network.front());
      cluster_->network.pop_front();
      deliver_one(std::move(message));
    }
  }

  void deliver_one(Message message) {
    out_ << "n" << message.to.value() << " < n" << message.from.value() << " "
         << kind_names[static_cast<std::size_t>(message.kind)];
    if (cluster_->is_cut(message)) {
      out_ << " (lost)\n";
      return;
    }
    out_ << "\n";
    const std::size_t to = message.to.value();
    (*cluster_)[to].step(std::move(message));
    settle(to, false);
  }

  std::vector<Message> take_between() {
    std::vector<Message> taken;
    std::deque<Message> rest;
    for (Message& message : cluster_->network) {
      const bool chosen = message.from.value() == node(0) && message.to.value() == node(1);
      (chosen ? taken.emplace_back() : rest.emplace_back()) = std::move(message);
    }
    cluster_->network = std::move(rest);
    return taken;
  }

  // Takes Outputs until there is nothing new, and shows them under the node's name.
  void settle(std::size_t n, bool name = true) {
    for (;;) {
      const bool held = cluster_->at(n).disk_held;
      const std::size_t before = cluster_->network.size();
      cluster_->at(n).disk_held = true;
      const Output output = cluster_->settle(n);
      cluster_->at(n).disk_held = held;
      if (output.empty()) return;
      if (std::exchange(name, false)) out_ << "n" << n << "\n";
      show(output);
      if (!held) cluster_->persist_one(n);
      show_sent(before);
    }
  }

  void show(const Output& output) {
    for (const Fact& fact : output.facts) {
      if (const auto text = describe(fact)) out_ << "  " << *text << "\n";
    }
    if (output.must_persist()) {
      out_ << "  persist";
      if (output.hard_state.has_value()) {
        out_ << " term=" << output.hard_state->term.value()
             << " vote=" << node_name(output.hard_state->vote);
      }
      if (output.snapshot.has_value()) {
        const Position& position = output.snapshot->position;
        out_ << " snapshot=" << place(position.index, position.term);
      }
      if (output.truncate_from.has_value()) {
        out_ << " truncate_from=" << output.truncate_from->value();
      }
      if (!output.entries.empty()) out_ << " " << describe(output.entries);
      out_ << "\n";
    }
    if (!output.committed.empty()) out_ << "  apply " << describe(output.committed) << "\n";
    for (const ReadGrant& read : output.reads) {
      out_ << "  read " << read.context << " granted at " << read.index.value() << "\n";
    }
    for (const auto context : output.reads_refused) out_ << "  read " << context << " refused\n";
  }

  void show_sent(std::size_t before) {
    for (std::size_t i = before; i < cluster_->network.size(); ++i) {
      out_ << "  > " << describe(cluster_->network[i]) << "\n";
    }
  }

  std::optional<Cluster> cluster_;
  std::vector<std::string> arguments_;
  std::ostringstream out_;
  const std::string none_;
};

}  // namespace

std::string play(std::string_view transcript) {
  Script script;
  std::string result;
  std::istringstream lines{std::string(transcript)};
  bool skipping = false;  // the output that is replaced
  for (std::string line; std::getline(lines, line);) {
    if (skipping && !line.empty()) continue;
    skipping = false;
    result += line + "\n";
    if (line.empty() || line.starts_with("#")) continue;
    std::string rule;
    std::getline(lines, rule);
    result += "----\n" + script.run(line);
    skipping = true;
  }
  return result;
}

}  // namespace blackout::raft
