// GPU inference on Kubernetes as code: an update becomes a rolling replacement.
package inference
