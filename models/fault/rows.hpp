// The catalogue's rows that stand in a file of their own; for catalogue.cpp alone.
#pragma once

#include <vector>

#include "models/fault/catalogue.hpp"

namespace blackout::fault {

// What befalls clients, and their hosts.
void add_load(std::vector<KindRow>& rows);
void add_client_hosts(std::vector<KindRow>& rows);

}  // namespace blackout::fault
