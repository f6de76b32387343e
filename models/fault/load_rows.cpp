#include "models/fault/rows.hpp"

namespace blackout::fault {

void add_load(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::load_surge,
       .name = "load_surge",
       .group = Group::load,
       .target = Target::clients,
       .uses = {{Parameter::factor}},
       .verb = "surge",
       .inverse = "ebb",
       .effect = "operations added",
       .example = R"("target": "orders-eu", "factor": "x4", "for": "4s")",
       .sentence = "Clients send more; what they would have sent anyway stays the same."});
  rows.push_back({.kind = Kind::hot_key,
                  .name = "hot_key",
                  .group = Group::load,
                  .target = Target::clients,
                  .uses = {{Parameter::share}},
                  .verb = "heat",
                  .inverse = "cool",
                  .effect = "operations redirected",
                  .example = R"("target": "orders-eu", "share": "80%", "for": "4s")",
                  .sentence = "A share of the operations goes to one key, drawn for each group."});
  rows.push_back(
      {.kind = Kind::thundering_herd,
       .name = "thundering_herd",
       .group = Group::load,
       .target = Target::clients,
       .verb = "hold",
       .inverse = "release",
       .effect = "operations released together",
       .example = R"("target": "eu-de", "for": "3s")",
       .sentence = "Clients wait, and then send all that they held back at one instant."});
  rows.push_back({.kind = Kind::retry_storm,
                  .name = "retry_storm",
                  .group = Group::load,
                  .target = Target::clients,
                  .uses = {{Parameter::attempt}, {Parameter::retries}},
                  .verb = "hurry",
                  .inverse = "calm",
                  .effect = "retries sent in haste",
                  .example = R"("target": "orders-eu", "attempt": "20ms", "retries": 3, )"
                             R"("for": "4s")",
                  .sentence = "Clients give each of their first attempts little time, and ask the "
                              "same gateway again at once."});
}

// What befalls the hosts of clients.
void add_client_hosts(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::slow_client,
       .name = "slow_client",
       .group = Group::load,
       .target = Target::client_hosts,
       .uses = {{Parameter::per_reply}},
       .verb = "slow",
       .inverse = "restore",
       .effect = "replies read late",
       .example = R"("target": "eu-gb", "per_reply": "300ms", "for": "4s")",
       .sentence = "Each reply keeps the client busy for a time, and the next one waits."});
  rows.push_back(
      {.kind = Kind::client_clock_skew,
       .name = "client_clock_skew",
       .group = Group::load,
       .target = Target::client_hosts,
       .part = Part::clock,
       .uses = {{Parameter::by, Need::some, "0s"}, {Parameter::drift, Need::some, "0ppm"}},
       .verb = "step and drift",
       .inverse = "step and drift by the negative",
       .effect = "readings shifted",
       .example = R"("target": "eu-es", "by": "5s", "drift": "20000ppm", "for": "4s")",
       .sentence = "The clocks of clients are wrong: the wall by a step, both by a rate."});
  rows.push_back({.kind = Kind::client_crash,
                  .name = "client_crash",
                  .group = Group::load,
                  .target = Target::client_hosts,
                  .part = Part::process,
                  .stops = true,
                  .verb = "crash",
                  .inverse = "start",
                  .effect = "operations interrupted",
                  .example = R"("target": "eu-gb", "for": "2s")",
                  .sentence = "Clients crash, and ask again for what their journal says is open, "
                              "under the same operation ids."});
}

}  // namespace blackout::fault
