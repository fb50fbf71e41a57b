# A static orgroster in an image that holds nothing else, run by a user that owns nothing:
#
#   docker build -t orgroster .
#   docker run --rm -v "$PWD:/roster" -v "$HOME/.aws:/.aws:ro" -e AWS_PROFILE orgroster plan
FROM rust:1.95-alpine AS build
# ring compiles C and assembly.
RUN apk add --no-cache ca-certificates gcc make musl-dev
WORKDIR /source
COPY . .
RUN cargo build --locked --release --features full --bin orgroster

FROM scratch
# Where rustls looks for the certificates that it trusts.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /source/target/release/orgroster /usr/local/bin/orgroster
ENV HOME=/
USER 65532:65532
WORKDIR /roster
ENTRYPOINT ["/usr/local/bin/orgroster"]
CMD ["--help"]
