# A bundle as an image, for k8s/components/bundle-image; the tag is the version of the bundle.
#   docker build -f deploy/bundle.Dockerfile -t registry.example.org/bundle-faces:3 path/to/the/bundle
FROM busybox:1.37.0
COPY . /source
USER 1000:1000
