// Describes grpc.health.v1 to reflection. gRPC serves health from code that carries no descriptor, so a client that
// lists the methods of every service it is told of would stop at this one.
#pragma once

namespace zhuxiao::rpc {

// Adds the schema to the pool reflection reads, once. Thread-safe.
void DescribeHealth();

}  // namespace zhuxiao::rpc
