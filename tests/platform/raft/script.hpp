// The language of tests/interaction/*.txt: commands to a Cluster, and what every node did about
// them.
//
//   add-nodes 3 [inflight=2] [inflight_bytes=200] [batch=100] [uncommitted=64] [preference=2,0,1]
//               [transfer_interval=50]
//   campaign 1          tick node 1 until it suspects its leader
//   elect 1             campaign and deliver, then status
//   tick 1 5            five ticks of node 1; `tick all 5` of every node in turn
//   propose 0 a b       two commands in one call
//   read 0 7            a read under context 7
//   transfer 0 1        node 0 is asked to hand over to node 1
//   reconfigure 0 1 3   node 0 is asked to make nodes 1 and 3 the voters
//   deliver             everything under way, in order of sending, and what follows from it
//   deliver 0 1         what is under way from node 0 to node 1 now
//   drop 0 1            the same, lost
//   cut 0 / heal        all links of node 0 lose what they carry / all links work again
//   cut 0 1             what node 0 sends to node 1 is lost
//   persist 0 hold      node 0's disk keeps its Outputs waiting from now on
//   persist 0 one       it persists the oldest; `persist 0 release`: all, and holds no more
//   restart 0           node 0 crashes and starts from what it persisted
//   restart 0 log=1,1,4 term=6   ... from a disk with a log of these terms instead
//   replace-disk 0      node 0 crashes and starts with an empty disk in the place of its own
//   compact 0           a snapshot of node 0's state is durable and stands for the log before it
//   status              every node, and what is under way
#pragma once

#include <string>
#include <string_view>

namespace blackout::raft {

// The transcript with the output of each command, after "----", replaced by what the cluster does.
std::string play(std::string_view transcript);

}  // namespace blackout::raft
