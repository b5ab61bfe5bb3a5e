def save(frame, place):
    frame.write.mode("overwrite").parquet(place)  # -> write.parquet
