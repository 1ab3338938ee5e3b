// Manifests tell where a function comes from, not what it does, so there is nothing here.
