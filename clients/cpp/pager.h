// Walks the pages of a list method.
#pragma once

#include <utility>

#include "clients/cpp/client.h"

namespace zhuxiao::client {

// Reads page after page of one query. Not thread-safe; `client` outlives it.
//   Pager pager(client, &ListingService::Stub::ListListings, request);
//   while (!pager.done()) { auto page = pager.Next(); if (!page.ok()) ...; }
template <typename Stub, typename Request, typename Response>
class Pager {
 public:
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  Pager(const Client& client, Method method, Request request)
      : client_(client), method_(method), request_(std::move(request)) {}

  // True once the last page was read. A page may be empty though more follow.
  bool done() const { return done_; }

  // The next page. After an error the same page is asked for again. Requires !done().
  absl::StatusOr<Response> Next() {
    absl::StatusOr<Response> page = client_.Call(method_, request_);
    if (!page.ok()) return page;
    request_.set_page_token(page->next_page_token());
    done_ = page->next_page_token().empty();
    return page;
  }

 private:
  const Client& client_;
  Method method_;
  Request request_;
  bool done_ = false;
};

}  // namespace zhuxiao::client
