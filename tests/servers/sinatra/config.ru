# frozen_string_literal: true

require_relative 'app'

map '/v1' do
  run SessionApi
end
