module interop-peer

go 1.19
